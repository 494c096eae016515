"""Propose rules for a new outlet from its pages."""
