"""Signaling of one client: HTTP requests, and the connection that carries messages and comes back by itself."""
