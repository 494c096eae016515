"""Articles: the latest text, earlier revisions, and deletions."""
