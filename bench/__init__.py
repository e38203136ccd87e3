"""Measurements: run side by side, reported as medians and p95 with failures counted. Not installed."""
