"""The pages: each function turns a request into the value that HTML and JSON are made of."""
