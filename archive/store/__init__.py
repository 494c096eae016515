"""The only access to the database: read, write, record runs, save searches, merge."""
