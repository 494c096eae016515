"""Store articles and answer queries: records, the dated format, SQLite, captures, search, pages."""
