"""Fetch pages over HTTP: politely, within bounds, and never from a private address."""
