"""The lake: articles of many WARC files in Parquet, for more pages than one archive holds (see docs/lake.md)."""
