"""Audio around aiortc: frames enter its RTP sender encoded, packets leave as soon as SRTP is removed.

aiortc's jitter buffer adds 80-280 ms and holds the end of every talkspurt back. Its encoder runs in the default
executor and knows no DTX. The methods of live aiortc objects that are replaced here, and why, are all of this file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiortc import RTCRtpTransceiver
from aiortc import sdp as aiortc_sdp
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpreceiver import StreamStatistics as ReceiverStatistics
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RtpPacket, is_rtcp

from clients.sound.microphone import Frame
from clients.webrtc.rtp import CLOCK_RATE, Packet

OnPacket = Callable[[str, Packet, float], None]


class RtpBypass:
    """The RTP path of one connection whose audio transceivers share one DTLS transport.

    `capture()` returns the next encoded frame. `on_packet(mid, packet, arrival)` receives each audio packet;
    `arrival` is loop time in s. `unroutable`: number of packets that belong to no m-line or cannot be parsed.
    """

    def __init__(
        self, transceiver: RTCRtpTransceiver, capture: Callable[[], Awaitable[Frame]], on_packet: OnPacket
    ) -> None:
        self.unroutable = 0
        self._loop = asyncio.get_running_loop()
        self._capture = capture
        self._on_packet = on_packet
        self._receivers: dict[str, RTCRtpReceiver] = {}  # by mid
        self._mids: dict[int, str] = {}  # by SSRC
        self._marker = False  # of the frame that the sender works on
        self._transport = transceiver.sender.transport
        self._send_stock = self._transport._send_rtp
        self._transport._send_rtp = self._send_rtp  # type: ignore[method-assign]
        self._transport._handle_rtp_data = self._receive_rtp  # type: ignore[method-assign]
        transceiver.sender._next_encoded_frame = self._next_frame  # type: ignore[method-assign]

    def route(self, transceivers: Sequence[RTCRtpTransceiver], answer: str) -> None:
        """Learn from an SDP answer which packets belong to which m-line."""
        for transceiver in transceivers:
            self._receivers[str(transceiver.mid)] = transceiver.receiver
        for media in aiortc_sdp.SessionDescription.parse(answer).media:
            for source in media.ssrc if media.kind == "audio" else []:
                self._learn(source.ssrc, media.rtp.muxId)

    async def _next_frame(self, codec: Any) -> RTCEncodedFrame:
        frame = await self._capture()
        self._marker = frame.marker
        return RTCEncodedFrame([frame.payload], frame.timestamp, -frame.level)

    async def _send_rtp(self, data: bytes) -> None:
        """Clear the marker that stock aiortc sets on every packet, but for the first of a talkspurt.

        RFC 3551, section 4.1.
        """
        if not is_rtcp(data) and not self._marker:
            data = data[:1] + bytes([data[1] & 0x7F]) + data[2:]
        await self._send_stock(data)

    async def _receive_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        arrival = self._loop.time()
        try:
            packet = RtpPacket.parse(data, self._transport._rtp_header_extensions_map)
        except ValueError:
            self.unroutable += 1
            return
        if packet.extensions.mid is not None:
            self._learn(packet.ssrc, packet.extensions.mid)
        mid = self._mids.get(packet.ssrc)
        if mid is None and len(self._receivers) == 1:
            mid = next(iter(self._receivers))
        if mid not in self._receivers:
            self.unroutable += 1
            return
        self._count_for_reports(self._receivers[mid], packet)
        if packet.payload:
            marker = bool(packet.marker)
            received = Packet(packet.ssrc, packet.sequence_number, packet.timestamp, marker, packet.payload)
            self._on_packet(mid, received, arrival)

    def _learn(self, ssrc: int, mid: str) -> None:
        """Map an SSRC to an m-line: its packets are routed here, its sender reports by aiortc."""
        self._mids[ssrc] = mid
        if mid in self._receivers:
            self._transport._rtp_router.ssrc_table[ssrc] = self._receivers[mid]

    def _count_for_reports(self, receiver: RTCRtpReceiver, packet: RtpPacket) -> None:
        """Count a packet for aiortc's receiver reports, as aiortc would have done."""
        streams: dict[int, ReceiverStatistics] = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]
        if packet.ssrc not in streams:
            streams[packet.ssrc] = ReceiverStatistics(CLOCK_RATE)
        streams[packet.ssrc].add(packet)
