"""Describe outlets: their declarations, their sources and the form of their addresses."""
