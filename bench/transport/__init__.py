"""Intelligibility of a voice behind the transport path, at several losses."""
