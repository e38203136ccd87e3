"""Checks of a translator's answer: is it a translation of what was said, and all of it? Pure."""
