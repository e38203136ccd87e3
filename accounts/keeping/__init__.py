"""Calls that take place are written to the accounts' database, behind a bounded line that nobody waits for."""
