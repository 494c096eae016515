"""Fetch pages over HTTP: polite, bounded, and never from a private address."""
