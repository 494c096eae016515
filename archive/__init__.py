"""Store articles and answer queries: records and their dated format, SQLite, captures, search, web pages."""
