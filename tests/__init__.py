"""Tests, by scenario and by room; `kit` is what they share."""
