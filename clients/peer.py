"""One RTCPeerConnection to the server, and everything that reaches into aiortc's private names.

Stock aiortc is used for ICE, DTLS, SCTP and RTCP. Audio goes around it: packets are taken as they leave
SRTP (its jitter buffer adds 80-280 ms and holds the end of every talkspurt back), and the frames that
are sent come encoded, with their own timestamps and levels (no default executor, true gaps under DTX).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

from aioice import Candidate
from aioice.ice import StunProtocol
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc import sdp as aiortc_sdp
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpreceiver import StreamStatistics as ReceiverStatistics
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RtpPacket, is_rtcp

from clients.microphone import Frame
from clients.relays import Relay, gather, relays
from clients.rtp import CLOCK_RATE, Packet

CHANNEL = "subtitles"
CLOSE_TIMEOUT = 5.0  # s
SILENCE = 5.0  # s without any datagram: the server's RTCP reports come every 2 s, ICE's checks every 4-6 s


class MediaLost(Exception):
    """The connection failed, or never came to be."""


@dataclass(frozen=True, slots=True)
class IceSettings:
    """Where to gather candidates: the server's `iceServers`, and whether only relayed ones may be used."""

    servers: list[dict[str, Any]]
    relay: bool = False

    def configuration(self) -> RTCConfiguration:
        # STUN isn't needed: our server sees our address by itself, and asking a STUN server that is out
        # of reach would hold the offer up for 5 s. TURN is our own affair (relays.py).
        return RTCConfiguration(
            iceServers=[],
            iceTransportPolicy=RTCIceTransportPolicy.RELAY if self.relay else RTCIceTransportPolicy.ALL,
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )


class _Microphone(MediaStreamTrack):
    """Stands for the microphone in the offer; the frames themselves come by `_next_encoded_frame`."""

    kind = "audio"

    async def recv(self) -> Any:
        raise AssertionError("frames come encoded")


class Peer:
    """One connection: `async with Peer(...) as peer`, then offer, accept, connected, lost.

    `capture()` gives the next encoded frame and is first awaited when the connection is up.
    `on_packet(mid, packet, arrival)` gets each audio packet, `arrival` in loop time.
    `on_open(peer)` is called when the channel opens, `on_message(text)` with each of its messages.
    """

    def __init__(
        self,
        ice: IceSettings,
        lines: int,
        capture: Callable[[], Awaitable[Frame]],
        on_packet: Callable[[str, Packet, float], None],
        on_open: Callable[[Peer], None],
        on_message: Callable[[str | bytes], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._capture = capture
        self._on_packet = on_packet
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._lost: asyncio.Future[str] = self._loop.create_future()
        self._last_datagram = self._loop.time()
        self._receivers: dict[str, RTCRtpReceiver] = {}  # by mid
        self._mids: dict[int, str] = {}  # by SSRC
        self.unroutable = 0
        self._connection = RTCPeerConnection(ice.configuration())
        self._connection.on("connectionstatechange", self._state_changed)
        transceiver = self._connection.addTransceiver(_Microphone(), direction="sendrecv")
        for _ in range(lines - 1):
            self._connection.addTransceiver("audio", direction="recvonly")
        self._sender = transceiver.sender
        self._transport = transceiver.sender.transport
        self._relays = relays(ice.servers)
        self._way: Relay | None = None
        ice_connection = self._transport.transport._connection
        self._gather_stock = ice_connection.get_component_candidates
        # Four methods of live aiortc objects are replaced; everything else is left as it is.
        ice_connection.get_component_candidates = self._gather  # type: ignore[method-assign]
        self._marker = False  # of the frame that the sender works on
        self._send_stock = self._transport._send_rtp
        self._transport._send_rtp = self._send_rtp  # type: ignore[method-assign]
        self._sender._next_encoded_frame = self._next_frame  # type: ignore[method-assign]
        self._transport._handle_rtp_data = self._take_rtp  # type: ignore[method-assign]
        self._channel = self._open_channel(on_open, on_message)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # close() is not cancel-safe: cancelled once, it never ends. It gets a task that nobody cancels.
        closing = asyncio.ensure_future(self._connection.close())
        deadline = self._loop.time() + CLOSE_TIMEOUT
        cancelled: asyncio.CancelledError | None = None
        while not closing.done() and self._loop.time() < deadline:
            try:
                await asyncio.wait([closing], timeout=deadline - self._loop.time())
            except asyncio.CancelledError as request:
                cancelled = request
        if cancelled:
            raise cancelled

    async def offer(self) -> str:
        """The complete offer, with all candidates. Raises MediaLost when there are none."""
        try:
            await self._connection.setLocalDescription(await self._connection.createOffer())
        except (OSError, ValueError) as problem:
            raise MediaLost(f"gathering failed: {problem}") from problem
        for protocol in self._transport.transport._connection._protocols:
            self._watch(protocol)
        sdp = self._connection.localDescription.sdp
        if "a=candidate:" not in sdp:
            raise MediaLost("no candidate was gathered")
        return sdp

    @property
    def mids(self) -> list[str]:
        """The mids of the audio lines in their order."""
        return [str(transceiver.mid) for transceiver in self._connection.getTransceivers()]

    async def accept(self, answer: str) -> None:
        """Take the server's answer. Raises MediaLost when it can't be understood."""
        try:
            description = aiortc_sdp.SessionDescription.parse(answer)
            await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except (
            ValueError,
            KeyError,
            IndexError,
            AssertionError,  # what aiortc's parser raises depends on where it stumbles
            InternalError,
            InvalidAccessError,
            InvalidStateError,
            OperationError,
        ) as problem:
            raise MediaLost(f"the answer is not acceptable: {problem!r}") from problem
        for transceiver in self._connection.getTransceivers():
            self._receivers[str(transceiver.mid)] = transceiver.receiver
        for media in description.media:
            for source in media.ssrc if media.kind == "audio" else []:
                self._learn(source.ssrc, media.rtp.muxId)

    async def connected(self) -> None:
        """Until media can flow. Raises MediaLost when it never will."""
        either: list[asyncio.Future[Any]] = [self._connected, self._lost]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            raise MediaLost(self._lost.result())

    async def lost(self) -> str:
        """Until the connection is of no more use; returns why."""
        while not self._lost.done():
            await asyncio.wait([self._lost], timeout=0.5)
            if self._loop.time() - self._last_datagram > SILENCE:
                return f"nothing came for {SILENCE:.0f} s"
        return self._lost.result()

    def send(self, text: str) -> bool:
        """Send on the channel; False when it is not open."""
        if self._channel.readyState != "open":
            return False
        self._channel.send(text)
        return True

    def candidate_types(self) -> list[str]:
        """The types of the local and remote candidates in use ("host", "srflx", "prflx", "relay")."""
        pairs = self._transport.transport._connection._nominated.values()
        return [side.type for pair in pairs for side in (pair.local_candidate, pair.remote_candidate)]

    @property
    def relay(self) -> str | None:
        """How the relay in use is reached ("udp", "tcp" or "tls"); None where none is in use."""
        return self._way.transport if self._way and self.candidate_types()[:1] == ["relay"] else None

    async def round_trip(self) -> float | None:
        """The round-trip time by RTCP in s, as soon as the server's reports tell it."""
        for stats in (await self._sender.getStats()).values():
            if stats.type == "remote-inbound-rtp":
                return cast("float | None", stats.roundTripTime)
        return None

    async def _gather(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        candidates = await self._gather_stock(component, addresses, timeout)
        relayed = await gather(self._transport.transport._connection, component, self._relays)
        if relayed is not None:
            candidates.append(relayed[0])
            self._way = relayed[1]
        return candidates

    def _open_channel(
        self, on_open: Callable[[Peer], None], on_message: Callable[[str | bytes], None]
    ) -> RTCDataChannel:
        channel = self._connection.createDataChannel(CHANNEL)
        channel.on("open", lambda: on_open(self))
        channel.on("message", on_message)
        channel.on("close", lambda: self._lose("the channel closed"))
        return channel

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and not self._connected.done():
            self._connected.set_result(None)
        elif state in ("failed", "closed"):
            self._lose(f"the connection {state}")

    def _lose(self, reason: str) -> None:
        if not self._lost.done():
            self._lost.set_result(reason)

    def _watch(self, protocol: StunProtocol) -> None:
        """Note the time of every datagram: STUN is all that comes while nobody speaks."""
        received = protocol.datagram_received

        def note(data: bytes | str, addr: tuple[Any, ...]) -> None:
            self._last_datagram = self._loop.time()
            received(data, addr)

        protocol.datagram_received = note  # type: ignore[method-assign]

    async def _next_frame(self, codec: Any) -> RTCEncodedFrame:
        frame = await self._capture()
        self._marker = frame.marker
        return RTCEncodedFrame([frame.payload], frame.timestamp, -frame.level)

    async def _send_rtp(self, data: bytes) -> None:
        """Stock aiortc marks every packet; only the first of a talkspurt is to be (RFC 3551, section 4.1)."""
        if not is_rtcp(data) and not self._marker:
            data = data[:1] + bytes([data[1] & 0x7F]) + data[2:]
        await self._send_stock(data)

    async def _take_rtp(self, data: bytes, arrival_time_ms: int) -> None:
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
            taken = Packet(packet.ssrc, packet.sequence_number, packet.timestamp, marker, packet.payload)
            self._on_packet(mid, taken, arrival)

    def _learn(self, ssrc: int, mid: str) -> None:
        """This SSRC belongs to that line: its packets (ours to route) and sender reports (aiortc's)."""
        self._mids[ssrc] = mid
        if mid in self._receivers:
            self._transport._rtp_router.ssrc_table[ssrc] = self._receivers[mid]

    def _count_for_reports(self, receiver: RTCRtpReceiver, packet: RtpPacket) -> None:
        """Let aiortc's receiver report what it would have counted itself."""
        streams: dict[int, ReceiverStatistics] = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]
        if packet.ssrc not in streams:
            streams[packet.ssrc] = ReceiverStatistics(CLOCK_RATE)
        streams[packet.ssrc].add(packet)
