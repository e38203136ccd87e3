"""Decides whether a packet of SCTP may be read: aiortc never comes past a parameter that says no length."""

from __future__ import annotations

import struct

_COMMON_HEADER, _HEADER = 12, struct.Struct("!BBH")
_PARAMETER = struct.Struct("!HH")
_BEFORE = {1: 16, 2: 16, 4: 0, 5: 0, 6: 0, 9: 0, 130: 0}
"""Bytes before the parameters of a chunk, by its type: INIT, INIT ACK, HEARTBEAT and its ACK, ABORT, ERROR, RE-CONFIG
(RFC 9260, 3.3; RFC 6525, 3.1). aiortc reads the parameters of no others."""


def endless(packet: bytes) -> bool:
    """Return True for a packet with a parameter shorter than its own header, which none is (RFC 9260, 3.2.1).

    The reader steps by that length: at 0 it stands still, and takes memory for ever.
    """
    place, end = _COMMON_HEADER, len(packet)
    while place + _HEADER.size <= end:
        kind, _, length = _HEADER.unpack_from(packet, place)
        if length < _HEADER.size:
            return False  # aiortc refuses the packet by itself
        before = _BEFORE.get(kind)
        if before is not None and _short(packet, place + _HEADER.size + before, min(place + length, end)):
            return True
        place += length + -length % 4
    return False


def _short(packet: bytes, place: int, end: int) -> bool:
    """Return True if a parameter from `place` to `end` is too short."""
    while place + _PARAMETER.size <= end:
        _, length = _PARAMETER.unpack_from(packet, place)
        if length < _PARAMETER.size:
            return True
        place += length + -length % 4
    return False
