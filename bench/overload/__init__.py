"""Overload: running calls stay on time while a full server is asked for more."""
