"""Order of RTP packets, by any numbers at any time."""

from __future__ import annotations

import struct

from media.rtp.jitter_buffer import MAX_HELD, JitterBuffer, Ready, Restart
from media.rtp.packets import RtpPacket
from tests.operations.fuzz.target import Target, plain

STEP = struct.Struct("!HHBB")
"""Sequence number, RTP timestamp in steps of 2.5 ms, source, and ms since the step before."""
POLL = 0x80
"""Bit of the source: no packet comes, and the buffer is only asked."""


def run(data: bytes) -> None:
    buffer, now, last = JitterBuffer(), 1000.0, -1
    for sequence, timestamp, source, after_ms in STEP.iter_unpack(data[: len(data) - len(data) % STEP.size]):
        now += after_ms / 1000
        if source & POLL:
            items = buffer.poll(now)
        else:
            items = buffer.add(RtpPacket(111, sequence, timestamp * 120, source & 3, False, b"\xf8"), now)
        for item in items:
            match item:
                case Restart():
                    last = -1
                case Ready(packet, _):
                    assert last < 0 or 0 < (packet.sequence - last) % 65536 < 32768, "packets out of order"
                    last = packet.sequence
        assert buffer.depth < MAX_HELD, "more is held than may wait"
        assert (buffer.deadline is None) == (buffer.depth == 0), "what waits has no deadline"


def steps(*some: tuple[int, int, int, int]) -> bytes:
    return b"".join(STEP.pack(*one) for one in some)


TARGET = Target(
    "jitter",
    plain(run),
    (),
    [
        steps(*((number, number * 8, 1, 20) for number in range(8))),
        steps((65534, 0, 1, 20), (65535, 8, 1, 20), (0, 16, 1, 20), (2, 32, 1, 20), (1, 24, 1, 5), (9, 0, POLL, 90)),
        steps((5, 0, 1, 20), (5, 0, 1, 20), (9000, 0, 1, 20), (9001, 8, 1, 20), (9005, 0, 1, 20), (0, 0, POLL, 255)),
        steps((5, 0, 1, 20), (6, 8, 2, 20), (7, 8, 1, 20), (4000, 8, 2, 20), (4001, 8, 2, 20)),
    ],
    [STEP.pack(0, 0, POLL, 61), STEP.pack(65535, 65535, 1, 0), STEP.pack(32768, 0, 1, 0)],
    quick=1500,
)
