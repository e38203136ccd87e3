"""Packets of SCTP as they come out of DTLS, the checksum always right, and the data channels above."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiortc.rtcsctptransport import (
    DataChunk,
    ForwardTsnChunk,
    InitChunk,
    ReconfigChunk,
    RTCSctpTransport,
    SackChunk,
    ShutdownChunk,
)
from google_crc32c import value as crc32c

from media.webrtc.control_budget import ControlBudget
from media.webrtc.transports import MAX_HELD, RECEIVE_WINDOW, SctpTransport
from tests.operations.fuzz.target import Datagram, Run, Target, datagrams, joined

FRESH, NO_TAG, SENT = 1, 2, 4
"""Flags of an input's first packet: no association yet; the tag is 0; messages of ours are under way."""
MOST_CHUNKS = 400
"""Chunks in one packet of at most 4 KiB, and their answers."""


class Wire:
    """A DTLS transport that is connected to nowhere."""

    state = "connected"

    def __init__(self) -> None:
        self.sent = 0

    def _register_data_receiver(self, receiver: Any) -> None: ...

    def _unregister_data_receiver(self, receiver: Any) -> None: ...

    async def _send_data(self, data: bytes) -> None:
        self.sent += 1


def ours(number: int) -> DataChunk:
    chunk: Any = DataChunk(flags=3)
    chunk.tsn, chunk.stream_id, chunk.protocol, chunk.user_data = number, 0, 51, b"a subtitle"
    chunk._acked = chunk._abandoned = chunk._retransmit = False
    chunk._expiry = chunk._max_retransmits = None
    chunk._book_size, chunk._misses, chunk._sent_count, chunk._sent_time, chunk._in_flight = 10, 0, 1, 0.0, True
    sent: DataChunk = chunk
    return sent


async def handle(data: bytes) -> None:
    wire = Wire()
    sctp: Any = SctpTransport(wire, ControlBudget(asyncio.get_running_loop().time))  # type: ignore[arg-type]
    first = data[0] if data else 0
    sctp._remote_port, sctp._is_server, sctp._loop = 5000, True, asyncio.get_running_loop()
    sctp._local_verification_tag, sctp._local_tsn = 77, 1
    if not first & FRESH:
        sctp._association_state = RTCSctpTransport.State.ESTABLISHED
        sctp._last_received_tsn = sctp._last_sacked_tsn = 0
    if first & SENT:
        sctp._sent_queue.extend(ours(number) for number in range(1, 5))
        sctp._local_tsn, sctp._flight_size = 5, 40
    count = 0
    try:
        for flags, _, body in datagrams(data):
            count += 1
            header = struct.pack("!HHL", 5000, 5000, 0 if flags & NO_TAG else 77)
            await sctp._handle_data(header + struct.pack("<L", crc32c(header + bytes(4) + body)) + body)
            held = sum(len(stream.reassembly) for stream in sctp._inbound_streams.values())
            assert held <= MAX_HELD and sctp._advertised_rwnd <= RECEIVE_WINDOW
        assert wire.sent <= MOST_CHUNKS * count, "more is sent than was asked"
        await asyncio.sleep(0)
    finally:
        for cancel in (sctp._t1_cancel, sctp._t2_cancel, sctp._t3_cancel, sctp._reconfig_timer_cancel):
            cancel()


@contextmanager
def opened() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        yield lambda data: runner.run(handle(data))


def chunk(made: Any, **fields: object) -> bytes:
    for name, value in fields.items():
        setattr(made, name, value)
    return bytes(made)


def message(tsn: int, protocol: int, body: bytes, flags: int = 3, stream: int = 1) -> bytes:
    return chunk(DataChunk(flags=flags), tsn=tsn, stream_id=stream, stream_seq=0, protocol=protocol, user_data=body)


OPEN = b"\x03\x00\x01\x00\x00\x00\x00\x00\x00\x09\x00\x00subtitles"
INIT = chunk(
    InitChunk(),
    initiate_tag=5,
    advertised_rwnd=131072,
    outbound_streams=1024,
    inbound_streams=1024,
    initial_tsn=9,
    params=[(0x8008, b"\xc0\x82"), (0xC000, b"")],
)

TARGET = Target(
    "sctp",
    opened,
    (ConnectionError,),
    [
        joined(Datagram(FRESH | NO_TAG, 0, INIT), message(9, 50, OPEN)),
        joined(message(1, 50, OPEN), message(2, 51, b'{"type":"resume","lastSeq":0}'), message(3, 53, b"x")),
        joined(*(message(tsn, 51, b"part", flags=2 * (tsn == 1)) for tsn in (1, 3, 2, 5, 9))),
        joined(Datagram(SENT, 0, chunk(SackChunk(), cumulative_tsn=2, advertised_rwnd=9, gaps=[(2, 2)]))),
        joined(Datagram(SENT, 0, chunk(SackChunk(), cumulative_tsn=4, gaps=[], duplicates=[1, 1]))),
        joined(chunk(ForwardTsnChunk(), cumulative_tsn=7, streams=[(1, 2)])),
        joined(chunk(ReconfigChunk(), params=[(13, bytes(12) + b"\x00\x01"), (16, bytes(8)), (17, bytes(8))])),
        joined(chunk(ShutdownChunk(), cumulative_tsn=0), b"\x0e\x00\x00\x04", b"\x06\x00\x00\x04"),
        joined(b"\x04\x00\x00\x08\x00\x01\x00\x04", b"\x0a\0\0\x08cook", b"\x0b\0\0\x04", b"\x09\0\0\x08\0\3\0\4"),
    ],
    [b"\x00\x03\x00\x14", b"\x01\x00", b"\x03\x00\x00\x10", b"\x82\x00", b"\xc0\x00", b"\xff\xff\xff\xff", OPEN],
    quick=700,
)
