"""`dragoman models check-trim`: whether a Whisper bears a shortened window."""
