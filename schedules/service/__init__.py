"""The service: poll what is due, until told to stop."""
