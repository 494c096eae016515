"""Captures: HTTP responses, byte for byte, in WARC files."""
