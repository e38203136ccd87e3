"""Spoken calls through a real server: the server, its scripted engines, and people who speak and listen."""
