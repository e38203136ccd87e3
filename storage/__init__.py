"""State that outlives the process: the signing key and a small record of each live session."""
