"""Reading what untrusted peers send. A leaf: imports nothing of ours."""
