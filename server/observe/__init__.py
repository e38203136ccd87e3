"""Observers for operators: metrics and logs."""
