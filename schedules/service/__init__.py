"""The service: poll and fetch what is due, until a signal stops it."""
