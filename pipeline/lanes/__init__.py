"""Engines as seen by a call: bounded queues, processes, fallbacks and caches."""
