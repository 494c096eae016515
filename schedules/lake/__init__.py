"""Read many WARC files into a lake, one file a task, by our own processes or by Dask."""
