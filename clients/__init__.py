"""A headless peer that speaks the wire protocol; it imports no other package of this project."""
