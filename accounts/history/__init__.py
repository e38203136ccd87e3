"""Histories of calls: sealed before they are stored, and opened for the participants of the call only."""
