"""Read many WARC files into a lake: one file a task, by our own worker processes or by an existing engine."""
