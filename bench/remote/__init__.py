"""Measures what it costs that engines are on the other side of a Redis."""
