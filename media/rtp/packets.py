"""RTP packets as bytes and as fields (RFC 3550, RFC 8285 header extensions). Pure: no clock, no socket."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CLOCK_RATE = 48_000
"""Hz of Opus's RTP clock, whatever the audio's own rate (RFC 7587)."""

_HEADER = struct.Struct("!BBHII")
HEADER_BYTES = _HEADER.size
"""Bytes of the fixed header (RFC 3550, 5.1)."""
_ONE_BYTE = 0xBEDE


@dataclass(slots=True)
class RtpPacket:
    """One packet of the peer.

    `level` is RFC 6464's -dBov (0 loudest, 127 silence), `mid` names the sender's m-line (RFC 8843, 15); None where
    absent.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    marker: bool
    payload: bytes
    level: int | None = None
    mid: str | None = None


def parse(data: bytes, level_id: int | None = None, mid_id: int | None = None) -> RtpPacket:
    """Read one RTP packet. `level_id` and `mid_id` are the negotiated ids of the audio level and the mid extension.

    Raises ValueError for anything that is not a whole, well-formed RTP packet.
    """
    if len(data) < HEADER_BYTES:
        raise ValueError("shorter than an RTP header")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise ValueError("not RTP version 2")
    position = HEADER_BYTES + 4 * (first & 0x0F)
    end = len(data)
    level, mid = None, None
    if first & 0x10:
        if position + 4 > end:
            raise ValueError("truncated header extension")
        profile, words = struct.unpack_from("!HH", data, position)
        position += 4
        stop = position + 4 * words
        if stop > end:
            raise ValueError("truncated header extension")
        if level_id is not None or mid_id is not None:
            level, mid = _find_extensions(data, position, stop, profile, level_id, mid_id)
        position = stop
    if first & 0x20:
        if end <= position or data[-1] == 0 or data[-1] > end - position:
            raise ValueError("bad padding")
        end -= data[-1]
    if position > end:
        raise ValueError("truncated")
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, bool(second & 0x80), data[position:end], level, mid)


def _find_extensions(
    data: bytes, position: int, stop: int, profile: int, level_id: int | None, mid_id: int | None
) -> tuple[int | None, str | None]:
    """Return the audio level and the mid in a one-byte or two-byte header extension (RFC 8285 4.2, 4.3)."""
    level, mid = None, None
    one_byte = profile == _ONE_BYTE
    if not one_byte and profile & 0xFFF0 != 0x1000:
        return None, None
    while position < stop:
        byte = data[position]
        if byte == 0:  # padding
            position += 1
            continue
        if one_byte:
            identifier, length, position = byte >> 4, (byte & 0x0F) + 1, position + 1
            if identifier == 15:
                break
        else:
            if position + 2 > stop:
                break
            identifier, length, position = byte, data[position + 1], position + 2
        if position + length > stop:
            break
        if identifier == level_id and length >= 1:
            level = data[position] & 0x7F
        elif identifier == mid_id:
            mid = data[position : position + length].decode("ascii", "replace")
        position += length
    return level, mid


@dataclass(frozen=True, slots=True)
class HeaderExtensions:
    """Ids negotiated for one outgoing stream; None where the peer did not offer the extension."""

    mid_id: int | None = None
    mid: bytes = b""
    level_id: int | None = None

    def encode(self, level: int | None, voiced: bool) -> bytes:
        """The extension block with its header, or nothing (RFC 8285, one-byte form)."""
        body = b""
        if self.mid_id is not None and self.mid:
            body += bytes(((self.mid_id << 4) | (len(self.mid) - 1),)) + self.mid
        if self.level_id is not None and level is not None:
            body += bytes((self.level_id << 4, (0x80 if voiced else 0) | level))
        if not body:
            return b""
        body += bytes(-len(body) % 4)
        return struct.pack("!HH", _ONE_BYTE, len(body) // 4) + body


def build(
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    *,
    marker: bool = False,
    extension: bytes = b"",
) -> bytes:
    """Write one packet; `extension` comes from `HeaderExtensions.encode`."""
    header = _HEADER.pack(
        0x90 if extension else 0x80,
        payload_type | (0x80 if marker else 0),
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )
    return header + extension + payload


def is_rtcp(data: bytes) -> bool:
    """Tell RTCP from RTP on one port (RFC 5761, section 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 223


class Unwrapped:
    """A counter of `bits` bits that wraps, made into one that doesn't: the nearest to the last value seen."""

    def __init__(self, bits: int) -> None:
        self._size = 1 << bits
        self.last: int | None = None

    def see(self, value: int) -> int:
        """The unwrapped `value`; becomes the reference when it is newer than the last."""
        if self.last is None:
            self.last = value
            return value
        distance = (value - self.last) % self._size
        if distance >= self._size // 2:
            distance -= self._size
        seen = self.last + distance
        if distance > 0:
            self.last = seen
        return seen
