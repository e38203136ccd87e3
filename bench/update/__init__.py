"""Measures what calls lose when a server is replaced."""
