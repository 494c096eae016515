"""Find, fetch and read articles: outlets and their sources, a polite fetcher, and page readers."""
