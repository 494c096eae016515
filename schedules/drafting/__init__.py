"""Draft the declaration of a new outlet from its pages."""
