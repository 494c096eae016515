"""One crawl of an outlet, told in one place."""
