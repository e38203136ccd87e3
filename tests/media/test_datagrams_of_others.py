"""Datagrams of others: whatever they hold, what parses them raises nothing but what its caller expects."""

from __future__ import annotations

import random
import struct
from contextlib import suppress
from itertools import count

import pytest
from aioice.stun import Class, Message, Method
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packets import HeaderExtensions, is_rtcp, parse
from media.rtp.rtcp import RtcpSession
from media.rtp.sender import SenderStream
from media.webrtc.network import MediaSocket, NetworkOptions
from media.webrtc.transports import IceConnection

SEEN = RtcpReceiverInfo(11, 1, 2, 3, 4, 5, 6)
WELL_FORMED = [
    bytes(RtcpSrPacket(ssrc=1, sender_info=RtcpSenderInfo(1, 2, 3, 4), reports=[SEEN])),
    bytes(RtcpRrPacket(ssrc=1, reports=[SEEN, SEEN])),
    bytes(RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=1, items=[(1, b"name")])])),
    bytes(RtcpByePacket(sources=[1, 2])),
    bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2, lost=[3])),
    bytes(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=2, fci=b"REMB" + bytes(8))),
]
STUN_ATTRIBUTES = [1, 6, 8, 9, 0xC, 0x12, 0x13, 0x14, 0x15, 0x16, 0x20, 0x24, 0x25, 0x8022, 0x8028, 0x8029]


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """Return well-formed RTCP of which some bytes are others, and the end may be missing."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(WELL_FORMED), min_size=1, max_size=3))))
    for place, value in draw(st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=6)):
        data[place] = value
    return bytes(data[: draw(st.integers(0, len(data)))])


def stun(chance: random.Random, to: IceConnection) -> bytes:
    """Return STUN with any attributes, of any length, true or not; some is signed with the client's password."""
    if chance.random() < 0.1:
        signed = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        signed.attributes["USERNAME"] = f"{to.local_username}:client"
        for name in chance.sample(["PRIORITY", "ICE-CONTROLLED", "ICE-CONTROLLING"], chance.randrange(3)):
            signed.attributes[name] = chance.randrange(2**32)
        signed.add_message_integrity(to.local_password.encode())
        return bytes(signed)
    attributes = b""
    for _ in range(chance.randrange(5)):
        value, more = chance.randbytes(chance.randrange(24)), chance.choice([0, 0, 1, 40_000])
        attributes += struct.pack("!HH", chance.choice(STUN_ATTRIBUTES), len(value) + more)
        attributes += value + bytes(-len(value) % 4)
    kind = chance.choice([0x0001, 0x0011, 0x0101, 0x0111, 0x0003])
    return struct.pack("!HHI", kind, len(attributes), 0x2112A442) + bytes(12) + attributes


def streams() -> list[SenderStream]:
    return [SenderStream(11, 111, HeaderExtensions(), lambda data: None)]


@given(st.one_of(changed(), st.binary(max_size=80)))
def test_any_rtcp_is_counted_or_ignored(data: bytes) -> None:
    RtcpSession("name").receive(data, streams(), 0.5, 1.0)


def test_what_the_parser_of_rtcp_lets_out_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(data: bytes) -> list[object]:
        struct.unpack("!L", data[:3])
        return []

    monkeypatch.setattr(RtcpPacket, "parse", cut_short)
    session = RtcpSession("name")
    session.receive(WELL_FORMED[0], streams(), 0.5, 1.0)
    assert session.statistics == RtcpSession("name").statistics


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda data: b"\x90\x6f" + data)))
def test_any_rtp_is_a_packet_or_a_value_error(data: bytes) -> None:
    is_rtcp(data)
    with suppress(ValueError):
        parse(data, 3, 4)


@pytest.mark.udp
async def test_any_datagram_of_a_stranger_or_of_the_client_raises_nothing() -> None:
    """An error that leaves a socket's callback is logged with its traceback, for each datagram."""
    one = IceConnection(NetworkOptions(["127.0.0.1"]), map(float, count()).__next__)  # a second for each datagram
    one.remote_username, one.remote_password = "client", "p" * 22
    await one.gather_candidates()
    one._early_checks_done = True  # as in a connection that has begun
    opened, chance = one._protocols[0], random.Random(7)
    assert isinstance(opened, MediaSocket)
    opened.prove(("127.0.0.1", 4001))
    for _ in range(5000):
        data = stun(chance, one) if chance.random() < 0.9 else chance.randbytes(chance.randrange(40))
        opened.datagram_received(data, chance.choice([("192.0.2.9", 4000), ("127.0.0.1", 4001)]))
        while not one._queue.empty():
            one._queue.get_nowait()
    assert one.strangers > 100 and one.control.refused == 0
    await one.close()
