"""Decide when sources and pages are due."""
