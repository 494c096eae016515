"""Statistics about outlets and about extraction."""
