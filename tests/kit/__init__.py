"""Shared by tests: scenes on a virtual clock, real servers and peers, material."""
