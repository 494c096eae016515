"""The pages: each function turns a request into a value, from which HTML and JSON are made."""
