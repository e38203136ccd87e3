"""Middlewares of all routes: failures in the documented shape, counted requests, and security headers."""
