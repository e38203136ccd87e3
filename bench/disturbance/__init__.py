"""Noise and echo: neither may be interpreted."""
