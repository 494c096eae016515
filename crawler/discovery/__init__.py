"""Find articles: read feeds, sitemaps, section pages and listings into candidates."""
