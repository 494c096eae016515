"""The service: poll sources and fetch pages when they are due, until a signal stops it."""
