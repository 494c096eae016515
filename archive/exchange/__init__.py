"""What goes in and out as files: dated documents, JSONL, Parquet, WARC, and what other news tools export."""
