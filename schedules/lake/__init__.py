"""Read many WARC files into a lake, one task for each file, with our own processes or with Dask."""
