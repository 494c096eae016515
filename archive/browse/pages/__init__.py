"""The pages: each a function from the archive and what is asked to the value that HTML and JSON are made of."""
