"""RTCP of one connection (RFC 3550, 6): the reports that we send, and what the peer's reports say of our streams."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from aiortc.rtp import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from media.rtp.sender import SenderStream
from media.rtp.statistics import ReportBlock, SenderStatistics, ntp_middle

_SDES_CNAME = 1


@dataclass(frozen=True, slots=True)
class SenderReportSeen:
    """The peer's last sender report: the middle of its NTP timestamp, and its arrival (epoch seconds)."""

    ntp_middle: int
    wall: float


class RtcpSession:
    """The reports of one connection in both directions. `wall` is always epoch seconds."""

    def __init__(self, cname: str) -> None:
        self.statistics = SenderStatistics()
        self._cname = cname
        self._sender_report: SenderReportSeen | None = None

    def receive(self, data: bytes, streams: Sequence[SenderStream], now: float, wall: float) -> None:
        """Count the peer's reports on our `streams`, and note its own last sender report. Malformed data is ignored.

        `now` is loop time, `wall` the same moment.
        """
        try:
            packets = RtcpPacket.parse(data)
        except (ValueError, IndexError, struct.error):
            return
        ours = {stream.ssrc: stream for stream in streams}
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                self._sender_report = SenderReportSeen(packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF, wall)
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                for block in packet.reports:
                    if block.ssrc in ours:
                        self._reported(ours[block.ssrc], block, now, wall)

    def _reported(self, stream: SenderStream, block: RtcpReceiverInfo, now: float, wall: float) -> None:
        statistics = self.statistics
        trip_ms = statistics.reported(
            block.fraction_lost, block.packets_lost, block.jitter, block.lsr, block.dlsr, wall
        )
        stream.reported(block.highest_sequence, block.packets_lost, statistics.jitter_ms, trip_ms, now)

    def report(self, streams: Sequence[SenderStream], block: ReportBlock | None, now: float, wall: float) -> bytes:
        """Return the compound packet that is due; `now` is loop time, `wall` the same moment."""
        return compound(streams, block, self._sender_report, self._cname, now, wall)


def compound(
    streams: Sequence[SenderStream],
    block: ReportBlock | None,
    seen: SenderReportSeen | None,
    cname: str,
    now: float,
    wall: float,
) -> bytes:
    """Return one compound packet: a sender report for each stream that has sent, else a receiver report; then SDES.

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
