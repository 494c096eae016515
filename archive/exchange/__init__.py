"""Import and export: dated documents, JSONL, Parquet, WARC, and other news tools' files."""
