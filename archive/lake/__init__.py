"""Store the articles of many WARC files in Parquet: a lake (see docs/lake.md)."""
