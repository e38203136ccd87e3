"""RTCP that we send: sender or receiver report with our view of the microphone, and our name (RFC 3550, 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiortc.rtp import (
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from media.rtp.sender import SenderStream
from media.rtp.statistics import ReportBlock, ntp_middle

_SDES_CNAME = 1


@dataclass(frozen=True, slots=True)
class SenderReportSeen:
    """The peer's last sender report: the middle of its NTP timestamp, and when it came (epoch seconds)."""

    ntp_middle: int
    wall: float


def compound(
    streams: Sequence[SenderStream],
    block: ReportBlock | None,
    seen: SenderReportSeen | None,
    cname: str,
    now: float,
    wall: float,
) -> bytes:
    """One compound packet: a sender report for each stream that has sent, else a receiver report; then SDES.

    `now` is loop time, `wall` the same moment in epoch seconds.
    """
    blocks = [] if block is None else [_receiver_info(block, seen, wall)]
    senders = [sent for stream in streams if (sent := stream.report(now, wall)) is not None]
    ssrc = streams[0].ssrc if streams else 1
    packets: list[bytes] = []
    for position, (sender, sender_info) in enumerate(senders):
        reports = blocks if position == 0 else []
        packets.append(bytes(RtcpSrPacket(ssrc=sender, sender_info=sender_info, reports=reports)))
    if not senders:
        packets.append(bytes(RtcpRrPacket(ssrc=ssrc, reports=blocks)))
    sources = [RtcpSourceInfo(ssrc=stream.ssrc, items=[(_SDES_CNAME, cname.encode())]) for stream in streams]
    if sources:
        packets.append(bytes(RtcpSdesPacket(chunks=sources)))
    return b"".join(packets)


def _receiver_info(block: ReportBlock, seen: SenderReportSeen | None, wall: float) -> RtcpReceiverInfo:
    since = 0 if seen is None else (ntp_middle(wall) - ntp_middle(seen.wall)) & 0xFFFFFFFF
    return RtcpReceiverInfo(
        ssrc=block.ssrc,
        fraction_lost=block.fraction_lost,
        packets_lost=block.packets_lost,
        highest_sequence=block.highest_sequence,
        jitter=block.jitter,
        lsr=0 if seen is None else seen.ntp_middle,
        dlsr=since,
    )
