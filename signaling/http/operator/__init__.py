"""Calls for the operator alone: translation, speech and recognition in the time that calls leave over."""
