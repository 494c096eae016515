"""Answer pages of the archive from a lake: each builds the result that the template shows."""
