"""Simulates how many nodes and workers a number of calls needs, how long jobs wait there, and what it costs."""
