"""`dragoman models bench`: measures which model fits this machine."""
