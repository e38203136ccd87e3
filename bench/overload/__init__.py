"""Overload, measured: what running calls hear while a full server goes on being asked for more."""
