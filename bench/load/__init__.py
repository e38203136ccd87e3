"""Measures how many translated calls this machine holds."""
