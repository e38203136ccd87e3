"""The bounds of one peer's SCTP: all calls share a thread, so a packet that takes seconds stops every voice."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable
from typing import Any

import pytest
from aiortc import rtcsctptransport
from aiortc.rtcsctptransport import Chunk, DataChunk, HeartbeatChunk, ReconfigChunk, RTCSctpTransport, SackChunk
from google_crc32c import value as crc32c

from media.webrtc.control_budget import CHUNKS_BURST, CHUNKS_PER_S, ControlBudget
from media.webrtc.sctp_weight import weight
from media.webrtc.transports import MAX_HELD, MAX_STREAMS, SctpTransport

pytestmark = pytest.mark.real_time

FIRST, LAST = 2, 1
STRING = 51


class Silent:
    state = "connected"

    def _register_data_receiver(self, receiver: Any) -> None: ...

    def _unregister_data_receiver(self, receiver: Any) -> None: ...

    async def _send_data(self, data: bytes) -> None: ...


def established() -> SctpTransport:
    sctp = SctpTransport(Silent(), ControlBudget(time.monotonic))  # type: ignore[arg-type]
    sctp._association_state = RTCSctpTransport.State.ESTABLISHED
    sctp._last_received_tsn = sctp._last_sacked_tsn = 0
    return sctp


def packet(sctp: SctpTransport, *chunks: Chunk) -> bytes:
    body = b"".join(bytes(chunk) for chunk in chunks)
    header = struct.pack("!HHL", 5000, 5000, sctp._local_verification_tag)
    return header + struct.pack("<L", crc32c(header + bytes(4) + body)) + body


def data(tsn: int, body: bytes, *, flags: int = FIRST, stream: int = 0) -> DataChunk:
    chunk = DataChunk(flags=flags)
    chunk.tsn, chunk.stream_id, chunk.protocol, chunk.user_data = tsn, stream, STRING, body
    return chunk


async def feed(sctp: SctpTransport, packets: Iterable[Iterable[Chunk]]) -> None:
    for chunks in packets:
        await sctp._handle_data(packet(sctp, *chunks))


def held(sctp: SctpTransport) -> int:
    return sum(len(stream.reassembly) for stream in sctp._inbound_streams.values())


async def test_an_acknowledgement_of_what_was_never_sent_costs_nothing() -> None:
    sctp = established()
    for gaps in ([(1, 65535)] * 280, [(2, 1)], [(1, 1)] * 280):
        sack = SackChunk()
        sack.cumulative_tsn, sack.gaps = 0, gaps
        began = time.thread_time()
        await sctp._handle_data(packet(sctp, sack))
        assert time.thread_time() - began < 0.1


async def test_an_acknowledgement_with_a_true_gap_is_heeded() -> None:
    sctp = established()
    sctp._sent_queue.extend(data(tsn, b"sent") for tsn in (1, 2, 3))
    for chunk in sctp._sent_queue:
        chunk._acked = chunk._in_flight = chunk._retransmit = chunk._abandoned = False
        chunk._book_size, chunk._misses, chunk._sent_count = 4, 0, 2
    sack = SackChunk()
    sack.cumulative_tsn, sack.gaps = 0, [(2, 3)]
    await sctp._handle_data(packet(sctp, sack))
    assert [chunk._acked for chunk in sctp._sent_queue] == [False, True, True]


async def test_chunks_without_data_are_not_kept() -> None:
    sctp = established()
    for number in range(20):
        await sctp._handle_data(packet(sctp, *[data(10 + 140 * number + 2 * i, b"") for i in range(70)]))
    assert held(sctp) == len(sctp._sack_misordered) == 0


@pytest.mark.parametrize("step", [1, 2], ids=["fragments without an end", "every other one is missing"])
async def test_messages_that_never_complete_end_the_peer(step: int) -> None:
    sctp = established()
    began = time.thread_time()
    tsns = [[step * (1 + 60 * number + i) for i in range(60)] for number in range(200)]
    with pytest.raises(ConnectionError, match="never end"):
        await feed(sctp, [[data(tsn, b"x") for tsn in some] for some in tsns])
    assert held(sctp) <= MAX_HELD + 60
    assert time.thread_time() - began < 5


async def test_a_message_as_long_as_the_protocol_allows_arrives_whatever_is_missing_at_first() -> None:
    sctp = established()
    parts = [b"m" * 1200] * 54
    chunks = [data(1 + i, part, flags=FIRST * (i == 0) + LAST * (i == 53)) for i, part in enumerate(parts)]
    for chunk in [*chunks[1:], chunks[0]]:
        await sctp._handle_data(packet(sctp, chunk))
    assert held(sctp) == 0
    assert sctp._last_received_tsn == 54


async def test_too_many_streams_end_the_peer() -> None:
    sctp = established()
    with pytest.raises(ConnectionError, match="streams"):
        await feed(sctp, [[data(1 + stream, b"x", stream=stream)] for stream in range(MAX_STREAMS + 1)])


NO_LENGTH = b"\x00\x0d\x00\x00"
WITH_PARAMETERS = {1: 16, 2: 16, 4: 0, 5: 0, 6: 0, 9: 0, 130: 0}


@pytest.mark.parametrize("kind", WITH_PARAMETERS)
def test_a_parameter_without_a_length_is_seen_wherever_it_stands(kind: int) -> None:
    """aiortc reads it for ever, and every call of the process waits."""
    before = bytes(12) + b"\x00\x03\x00\x05x\x00\x00\x00"  # a chunk of data, padded
    for parameters in (NO_LENGTH, b"\x00\x0d\x00\x06ab\x00\x00" + NO_LENGTH, b"\x00\x0d\x00\x03"):
        body = bytes(WITH_PARAMETERS[kind]) + parameters
        with pytest.raises(ValueError, match="length"):
            weight(before + struct.pack("!BBH", kind, 0, 4 + len(body)) + body)
        whole = body.replace(parameters, b"\x00\x0d\x00\x05a\x00\x00\x00")
        assert weight(before + struct.pack("!BBH", kind, 0, 4 + len(whole)) + whole) == 3


def test_all_chunks_with_parameters_are_looked_into() -> None:
    """A chunk of aiortc that reads parameters, and is not in the table, would bring the endless loop back."""
    reading = {
        kind
        for kind, made in rtcsctptransport.CHUNK_TYPES.items()
        if issubclass(made, (rtcsctptransport.BaseParamsChunk, rtcsctptransport.BaseInitChunk))
    }
    assert reading == {*WITH_PARAMETERS}


async def test_a_chunk_with_a_parameter_without_a_length_costs_nothing_and_the_next_one_is_heard() -> None:
    sctp = established()
    began = time.thread_time()
    for kind in WITH_PARAMETERS:
        header = struct.pack("!HHL", 5000, 5000, 0 if kind == 1 else sctp._local_verification_tag)
        body = struct.pack("!BBH", kind, 0, 24) + bytes(16) + NO_LENGTH
        await sctp._handle_data(header + struct.pack("<L", crc32c(header + bytes(4) + body)) + body)
    assert time.thread_time() - began < 1
    await sctp._handle_data(packet(sctp, data(1, b"heard", flags=FIRST | LAST)))
    assert sctp._last_received_tsn == 1


async def test_well_formed_parameters_still_count() -> None:
    sctp = established()
    adding = ReconfigChunk()
    adding.params = [(17, struct.pack("!LHH", 1, 3, 0))]
    before = sctp._inbound_streams_count
    await sctp._handle_data(packet(sctp, adding))
    assert sctp._inbound_streams_count == before + 3


async def test_a_chunk_before_any_association_is_dropped() -> None:
    sctp = SctpTransport(Silent(), ControlBudget(time.monotonic))  # type: ignore[arg-type]
    sctp._local_verification_tag = 7
    await sctp._handle_data(packet(sctp, data(1, b"early")))
    assert sctp._last_received_tsn is None and held(sctp) == 0


async def test_chunks_are_rationed_and_not_packets_alone() -> None:
    """Each heartbeat is answered: 340 of them in each packet are as dear as 340 packets."""
    now, answered = 1000.0, 0

    class Counted(Silent):
        async def _send_data(self, data: bytes) -> None:
            nonlocal answered
            answered += 1

    control = ControlBudget(lambda: now)
    sctp = SctpTransport(Counted(), control)  # type: ignore[arg-type]
    sctp._remote_port = 5000
    for _ in range(100):
        await sctp._handle_data(packet(sctp, *[HeartbeatChunk() for _ in range(340)]))
    assert answered == 3 * 340 <= CHUNKS_BURST and control.refused == 97
    now += 340 / CHUNKS_PER_S
    await sctp._handle_data(packet(sctp, *[HeartbeatChunk() for _ in range(340)]))
    assert answered == 4 * 340
