"""Decide when a source is due."""
