"""Bench of sign-ins: their time for known and unknown addresses, and a flood of them beside a 20 ms clock."""
