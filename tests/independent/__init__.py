"""Conformance tests by a client that was written from the wire protocol alone."""
