"""Articles: the latest text, earlier revisions, deletions."""
