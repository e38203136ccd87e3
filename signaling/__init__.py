"""Admission to sessions, and the messages of HTTP and WebSocket."""
