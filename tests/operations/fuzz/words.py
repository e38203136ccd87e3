"""Numbers that are JSON and fit nowhere: infinite as a float, too large for one, beyond 64 bits."""

NUMBERS = (b"1e999", b"9" * 400, b"9" * 64)
