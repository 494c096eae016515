"""The one door to the database: read, write, run, merge."""
