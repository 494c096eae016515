"""Parse hostile bytes: characters, trees, dates and times."""
