"""RTCP of a client, as it comes out of SRTCP."""

from __future__ import annotations

from aiortc.rtp import (
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from media.rtp.loss_adaptation import ENCODINGS
from media.rtp.packets import HeaderExtensions
from media.rtp.rtcp import RtcpSession
from media.rtp.sender import SenderStream
from tests.operations.fuzz.target import Target, plain

STREAMS = [SenderStream(11, 111, HeaderExtensions(), lambda data: None)]
SEEN = RtcpReceiverInfo(11, 1, 2, 3, 4, 5, 6)


def run(data: bytes) -> None:
    session = RtcpSession("name")
    session.receive(data, STREAMS, 0.5, 1.0)
    session.report(STREAMS, None, 1.0, 2.0)
    statistics = session.statistics
    assert STREAMS[0].adaptation.encoding in ENCODINGS.values()
    assert all(figure is None or figure >= 0 for figure in (statistics.round_trip_ms, statistics.jitter_ms))


TARGET = Target(
    "rtcp",
    plain(run),
    (),
    [
        bytes(RtcpSrPacket(ssrc=1, sender_info=RtcpSenderInfo(1, 2, 3, 4), reports=[SEEN])),
        bytes(RtcpRrPacket(ssrc=1, reports=[SEEN, SEEN])) + bytes(RtcpByePacket(sources=[1, 2])),
        bytes(RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=1, items=[(1, b"name")])])),
        bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2, lost=[3])),
        bytes(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=2, fci=b"REMB" + bytes(8))),
    ],
    [b"\x81\xc9", b"\x80\xc8", b"\x81\xca", b"\x81\xcb", b"\x8f\xce", b"\x81\xcd", b"\x00\x00\x00\x0b", b"\xa0"],
    quick=2000,
    longest=1500,
)
