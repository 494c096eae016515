"""Full-text search: parse a query, run it, return the results."""
