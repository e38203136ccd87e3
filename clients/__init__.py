"""A headless client of the wire protocol; it imports no other package of this project."""
