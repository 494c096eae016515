"""Check, back up and prune an archive."""
