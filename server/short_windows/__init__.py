"""`dragoman models check-trim`: checks whether a Whisper bears a shortened window."""
