"""What an outlet is: its declaration, its sources, and the form of its addresses."""
