"""Engines from settings and from installed models."""
