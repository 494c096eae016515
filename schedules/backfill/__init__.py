"""Backfill: archive the articles of a range of days, and audit which ones are missing."""
