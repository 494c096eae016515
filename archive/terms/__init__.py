"""Words and pairs of words: count them, and find those that are typical of some articles."""
