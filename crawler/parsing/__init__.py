"""Parse untrusted bytes: characters, HTML trees, dates and times."""
