"""The commands, a module for each idea; each is imported when it is called."""
