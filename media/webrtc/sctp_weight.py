"""Counts the chunks and parameters of an SCTP packet, and refuses a packet on which aiortc would loop for ever."""

from __future__ import annotations

import struct

_COMMON_HEADER, _HEADER = 12, struct.Struct("!BBH")
_PARAMETER = struct.Struct("!HH")
_BEFORE = {1: 16, 2: 16, 4: 0, 5: 0, 6: 0, 9: 0, 130: 0}
"""Bytes before the parameters of a chunk, by its type: INIT, INIT ACK, HEARTBEAT and its ACK, ABORT, ERROR, RE-CONFIG
(RFC 9260, 3.3; RFC 6525, 3.1). aiortc reads the parameters of no others."""


def weight(packet: bytes) -> int:
    """Return the number of chunks and parameters in a packet: each may be searched for, and answered.

    Raises ValueError for a parameter shorter than its own header, which none is (RFC 9260, 3.2.1). aiortc steps by
    that length: at 0 it stands still, and takes memory for ever.
    """
    place, end, count = _COMMON_HEADER, len(packet), 0
    while place + _HEADER.size <= end:
        kind, _, length = _HEADER.unpack_from(packet, place)
        if length < _HEADER.size:
            break  # aiortc refuses the packet by itself
        count += 1
        before = _BEFORE.get(kind)
        if before is not None:
            count += _parameters(packet, place + _HEADER.size + before, min(place + length, end))
        place += length + -length % 4
    return count


def _parameters(packet: bytes, place: int, end: int) -> int:
    """Return the number of parameters from `place` to `end`. Raises ValueError for one that is too short."""
    count = 0
    while place + _PARAMETER.size <= end:
        _, length = _PARAMETER.unpack_from(packet, place)
        if length < _PARAMETER.size:
            raise ValueError("a parameter without a length")
        count += 1
        place += length + -length % 4
    return count
