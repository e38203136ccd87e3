"""A call with real weights and a human voice: how late the translation is at the ear, and how many words are wrong."""
