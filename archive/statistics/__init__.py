"""Figures about outlets and about extraction."""
