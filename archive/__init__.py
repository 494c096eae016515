"""Keep and answer: the record and its dated format, the SQLite store, captures, search."""
