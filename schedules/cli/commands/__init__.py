"""The commands, one module for each idea; a module is imported when its command is called."""
