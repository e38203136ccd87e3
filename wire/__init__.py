"""Strict reading of messages from untrusted peers. A leaf: imports nothing of ours."""
