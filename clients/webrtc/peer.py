"""One RTCPeerConnection to the server, by stock aiortc for ICE, DTLS, SCTP and RTCP.

Audio goes around aiortc (rtp_bypass.py), and so do TURN relays (relays.py).
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
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamTrack

from clients.sound.microphone import Frame
from clients.webrtc.relays import Relay, gather, relays
from clients.webrtc.rtp import Packet
from clients.webrtc.rtp_bypass import RtpBypass

CHANNEL = "subtitles"
CLOSE_TIMEOUT_S = 5.0
SILENCE_S = 5.0
"""Time without any datagram after which a connection is lost.

The server's RTCP reports come every 2 s, ICE's checks every 4-6 s.
"""


class MediaLost(Exception):
    """The connection failed, or was never established."""


@dataclass(frozen=True, slots=True)
class IceOptions:
    """The server's `iceServers`. `relay`: true if only relayed candidates may be used."""

    servers: list[dict[str, Any]]
    relay: bool = False

    def configuration(self) -> RTCConfiguration:
        # No STUN server: our server sees our address itself, and an unreachable STUN server delays the offer by 5 s.
        return RTCConfiguration(
            iceServers=[],
            iceTransportPolicy=RTCIceTransportPolicy.RELAY if self.relay else RTCIceTransportPolicy.ALL,
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )


class PeerEvents:
    """The events of a Peer. Override those that are needed."""

    def packet_received(self, mid: str, packet: Packet, arrival: float) -> None:
        """Receive an audio packet of the m-line `mid`. `arrival`: loop time, s."""

    def channel_opened(self, peer: Peer) -> None:
        """React to the opening of the `subtitles` channel."""

    def message_received(self, text: str | bytes) -> None:
        """Receive a message of the `subtitles` channel."""


class _MicrophoneTrack(MediaStreamTrack):
    """The microphone's place in the offer; its frames enter by `RtpBypass`."""

    kind = "audio"

    async def recv(self) -> Any:
        raise AssertionError("frames come encoded")


class Peer:
    """One connection: `async with Peer(...) as peer`, then offer, accept, connected, lost.

    `m_lines`: number of audio m-lines to offer. `capture()` returns the next encoded frame; it is first awaited when
    the connection is up.
    """

    def __init__(
        self, ice: IceOptions, m_lines: int, capture: Callable[[], Awaitable[Frame]], events: PeerEvents
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._lost: asyncio.Future[str] = self._loop.create_future()
        self._last_datagram_at = self._loop.time()
        self._connection = RTCPeerConnection(ice.configuration())
        self._connection.on("connectionstatechange", self._on_state)
        transceiver = self._connection.addTransceiver(_MicrophoneTrack(), direction="sendrecv")
        for _ in range(m_lines - 1):
            self._connection.addTransceiver("audio", direction="recvonly")
        self._sender = transceiver.sender
        self._transport = transceiver.sender.transport
        self._rtp = RtpBypass(transceiver, capture, events.packet_received)
        self._relays = relays(ice.servers)
        self._relay: Relay | None = None  # on which our relayed candidate is
        ice_connection = self._transport.transport._connection
        self._gather_stock = ice_connection.get_component_candidates
        ice_connection.get_component_candidates = self._gather  # type: ignore[method-assign]
        self._channel = self._open_channel(events)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A cancelled close() never ends. It gets a task that nobody cancels.
        closing = asyncio.ensure_future(self._connection.close())
        deadline = self._loop.time() + CLOSE_TIMEOUT_S
        cancelled: asyncio.CancelledError | None = None
        while not closing.done() and self._loop.time() < deadline:
            try:
                await asyncio.wait([closing], timeout=deadline - self._loop.time())
            except asyncio.CancelledError as request:
                cancelled = request
        if cancelled:
            raise cancelled

    async def offer(self) -> str:
        """Return the complete SDP offer, with all candidates. Raises MediaLost when there are none."""
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
        """The mids of the audio m-lines in their order."""
        return [str(transceiver.mid) for transceiver in self._connection.getTransceivers()]

    async def accept(self, answer: str) -> None:
        """Apply the server's SDP answer. Raises MediaLost when it cannot be understood."""
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            self._rtp.route(self._connection.getTransceivers(), answer)
        except (
            ValueError,
            KeyError,
            IndexError,
            AssertionError,  # aiortc's parser raises by where it stumbles
            InternalError,
            InvalidAccessError,
            InvalidStateError,
            OperationError,
        ) as problem:
            raise MediaLost(f"the answer is not acceptable: {problem!r}") from problem

    async def connected(self) -> None:
        """Wait until media can flow. Raises MediaLost when it never will."""
        either: list[asyncio.Future[Any]] = [self._connected, self._lost]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            raise MediaLost(self._lost.result())

    async def lost(self) -> str:
        """Wait until the connection is lost. Return the reason."""
        while not self._lost.done():
            await asyncio.wait([self._lost], timeout=0.5)
            if self._loop.time() - self._last_datagram_at > SILENCE_S:
                return f"nothing came for {SILENCE_S:.0f} s"
        return self._lost.result()

    def send(self, text: str) -> bool:
        """Send on the channel. Return False when it is not open."""
        if self._channel.readyState != "open":
            return False
        self._channel.send(text)
        return True

    @property
    def unroutable(self) -> int:
        """Number of received packets that belong to no m-line or cannot be parsed."""
        return self._rtp.unroutable

    def candidate_types(self) -> list[str]:
        """Return the types of the local and remote candidates in use: "host", "srflx", "prflx" or "relay"."""
        pairs = self._transport.transport._connection._nominated.values()
        return [side.type for pair in pairs for side in (pair.local_candidate, pair.remote_candidate)]

    @property
    def relay(self) -> str | None:
        """Transport to the relay in use: "udp", "tcp" or "tls". None where no relay is in use."""
        return self._relay.transport if self._relay and self.candidate_types()[:1] == ["relay"] else None

    async def round_trip(self) -> float | None:
        """Return the round-trip time by RTCP in s. None before the server's first reports."""
        for stats in (await self._sender.getStats()).values():
            if stats.type == "remote-inbound-rtp":
                return cast("float | None", stats.roundTripTime)
        return None

    async def _gather(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        candidates = await self._gather_stock(component, addresses, timeout)
        relayed = await gather(self._transport.transport._connection, component, self._relays)
        if relayed is not None:
            candidates.append(relayed[0])
            self._relay = relayed[1]
        return candidates

    def _open_channel(self, events: PeerEvents) -> RTCDataChannel:
        channel = self._connection.createDataChannel(CHANNEL)
        channel.on("open", lambda: events.channel_opened(self))
        channel.on("message", events.message_received)
        channel.on("close", lambda: self._lose("the channel closed"))
        return channel

    def _on_state(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and not self._connected.done():
            self._connected.set_result(None)
        elif state in ("failed", "closed"):
            self._lose(f"the connection {state}")

    def _lose(self, reason: str) -> None:
        if not self._lost.done():
            self._lost.set_result(reason)

    def _watch(self, protocol: StunProtocol) -> None:
        """Note the time of each datagram: only STUN comes while nobody speaks."""
        received = protocol.datagram_received

        def note(data: bytes | str, addr: tuple[Any, ...]) -> None:
            self._last_datagram_at = self._loop.time()
            received(data, addr)

        protocol.datagram_received = note  # type: ignore[method-assign]
