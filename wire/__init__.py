"""Strict reading of messages from untrusted peers: a leaf, which imports nothing of ours."""
