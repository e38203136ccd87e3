"""Measures what a second process at the same port adds."""
