"""Group articles of several outlets on one event into stories."""
