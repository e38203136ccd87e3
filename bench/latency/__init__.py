"""Latency of interpreting, measured at the listener's ear."""
