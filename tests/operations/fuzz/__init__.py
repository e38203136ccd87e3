"""Fuzzers of what faces the network: one target a table, one driver, and seeds that are kept."""
