"""Backfill: archive what outlets published from one day to another, and audit what is missing."""
