"""Read a page into a record: text, headline, date, byline."""
