"""Parse untrusted bytes: characters, HTML trees, XML, dates and times."""
