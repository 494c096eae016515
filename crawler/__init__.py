"""Find, fetch, read: outlets and their sources, a polite fetcher, and the reading of pages."""
