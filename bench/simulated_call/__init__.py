"""A call without a network, on a clock that stands still while engines work."""
