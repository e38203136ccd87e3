"""`dragoman models bench`: which model fits this machine, by trying."""
