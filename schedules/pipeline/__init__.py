"""The pipeline: one crawl of an outlet, from its sources to archived records."""
