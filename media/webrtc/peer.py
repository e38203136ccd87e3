"""One WebRTC connection with one client, as `async with`: negotiation, transports, streams, data channel."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from aioice import Candidate
from aioice.mdns import is_mdns_hostname
from aiortc import RTCDataChannel
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcsctptransport import RTCSctpCapabilities
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSrPacket

from media.rtp.packets import HeaderExtensions, RtpPacket, parse
from media.rtp.receiver import FloodGuard
from media.rtp.rtcp import SenderReportSeen, compound
from media.rtp.sender import SenderStream
from media.rtp.statistics import ReportBlock, SenderStatistics
from media.webrtc import sdp_offer
from media.webrtc.network import MAX_NAMES, Allowance, NetworkOptions
from media.webrtc.sdp_answer import AnsweredAudio, AnswerTransport, write_answer
from media.webrtc.transports import Certificate, DtlsTransport, IceConnection, SctpTransport

CONNECT_TIMEOUT = 20.0
CLOSE_TIMEOUT = 3.0
SILENCE_TIMEOUT = 8.0
"""A peer from which neither media nor a signed STUN check came for this long is gone (checks are due every 2.5
to 6 s)."""
REPORT_INTERVAL = 2.0
CHANNEL_LABEL = "subtitles"
MAX_MESSAGE = 65_536
MAX_BUFFERED = 1 << 20
MID_BYTES = 16


class PeerLost(Exception):
    """The connection could not be made, or ended; the message says why in a word or two."""


@dataclass(slots=True)
class PeerEvents:
    """What a peer tells, synchronously on the loop."""

    connected: Callable[[], None]
    rtp: Callable[[RtpPacket, float], None]
    channel_open: Callable[[], None]
    channel_closed: Callable[[], None]
    channel_message: Callable[[str | bytes], None]
    inbound_report: Callable[[], ReportBlock | None]


def _nothing(*_: object) -> None:
    """Nobody listens any more."""


_NOBODY = PeerEvents(_nothing, _nothing, _nothing, _nothing, _nothing, _nothing)


class Peer:
    """Answers one offer. Make it, `answer()`, then `serve()` until PeerLost; leaving the scope closes all."""

    def __init__(
        self,
        offer: sdp_offer.SdpOffer,
        events: PeerEvents,
        network: NetworkOptions | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._offer = offer
        self._events = events
        self._network = network or NetworkOptions()
        self._ice = IceConnection(self._network, self._loop.time, allowance)
        self._certificate = Certificate.generateCertificate()
        self._dtls = DtlsTransport(self._ice, self._certificate)
        self._sctp = SctpTransport(self._dtls) if offer.data is not None else None
        self._channel: RTCDataChannel | None = None
        self._flood = FloodGuard()
        self._closed = asyncio.Event()
        self._cname = secrets.token_hex(8)
        self._level_id = offer.audio[0].level_id
        self._remote_candidates = 0
        self._names: asyncio.Queue[Candidate] = asyncio.Queue()
        self._names_left = MAX_NAMES
        self._remote_candidates_ended = False
        self._sender_report: SenderReportSeen | None = None
        self.connected = False
        self.outbound = SenderStatistics()
        self.streams: list[SenderStream | None] = [self._stream(line) for line in offer.audio]
        self._dtls.admits = lambda size: self._flood.admits(size, self._loop.time())
        self._dtls.on_rtp = self._take_rtp
        self._dtls.on_rtcp = self._take_rtcp
        self._dtls.on("statechange", self._state_changed)
        if self._sctp is not None:
            self._sctp.on("datachannel", self._opened)

    async def __aenter__(self) -> Peer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connected = False
        await _uncancelled(self._close())

    def _stream(self, line: sdp_offer.MediaLine) -> SenderStream | None:
        """The stream that we send on an audio line; None where the client won't hear it."""
        if line.direction not in ("sendrecv", "recvonly") or line.opus is None:
            return None
        mid = line.mid.encode()[:MID_BYTES]
        extensions = HeaderExtensions(line.mid_id, mid, line.level_id)
        return SenderStream(secrets.randbits(32) or 1, line.opus, extensions, self._dtls.send_now)

    @property
    def dropped(self) -> int:
        """Packets dropped: flood, forged, damaged, or from a stranger."""
        return self._dtls.dropped + self._ice.strangers

    async def answer(self, stream_ids: Sequence[str]) -> str:
        """Gather and answer; `stream_ids` names the media stream of each audio line, in order.

        Raises OfferRefused `at_capacity` where no port is left.
        """
        await self._ice.gather_candidates()
        role = "passive" if self._offer.setup == "active" else "active"
        self._dtls._set_role("server" if role == "passive" else "client")
        transport = AnswerTransport(
            ufrag=self._ice.local_username,
            password=self._ice.local_password,
            fingerprints=[
                (f.algorithm, f.value) for f in self._dtls.getLocalParameters().fingerprints if f.algorithm == "sha-256"
            ],
            role=role,
            candidates=self._network.told(self._ice.local_candidates),
            sctp_port=5000,
            max_message_size=MAX_MESSAGE,
        )
        audio = {
            line.mid: AnsweredAudio(stream.ssrc if stream else 0, name)
            for line, stream, name in zip(self._offer.audio, self.streams, stream_ids, strict=True)
        }
        for candidate in self._offer.candidates:
            await self.add_candidate(candidate)
        if self._offer.candidates_end:
            await self.add_candidate(None)
        return write_answer(self._offer, transport, audio, self._cname)

    async def add_candidate(self, candidate: Candidate | None) -> None:
        """A candidate of the client, or None when there will be no more."""
        self._remote_candidates += 1
        if candidate is None or self._remote_candidates_ended or self._remote_candidates > sdp_offer.MAX_CANDIDATES:
            # aioice isn't told of their end: it gives up when it has seen no usable one, and a client whose
            # addresses are hidden, or of no use to us, still comes to us by itself.
            self._remote_candidates_ended = self._remote_candidates_ended or candidate is None
        elif not is_mdns_hostname(candidate.host):
            await self._ice.add_remote_candidate(candidate)
        elif self._names_left:
            self._names_left -= 1
            self._names.put_nowait(candidate)

    async def _look_up_names(self) -> None:
        """Names under .local, one after the other: each may take a second, and no answer waits for them."""
        while True:
            candidate = await self._names.get()
            try:
                await self._ice.add_remote_candidate(candidate)
            except OSError:  # no multicast here
                return

    async def serve(self) -> None:
        """Connect, then watch over the connection. Always ends by PeerLost."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._connect()
        except TimeoutError:
            raise PeerLost("connection timed out") from None
        except ConnectionError as error:
            raise PeerLost(f"connection failed: {error}") from None
        next_report = self._loop.time() + REPORT_INTERVAL / 4
        while not self._closed.is_set():
            now = self._loop.time()
            if now - self._ice.heard_at > SILENCE_TIMEOUT:
                raise PeerLost("nothing heard")
            if now >= next_report:
                next_report = now + REPORT_INTERVAL
                self._report(now)
            try:
                async with asyncio.timeout(0.5):
                    await self._closed.wait()
            except TimeoutError:
                continue
        raise PeerLost("closed by the client")

    def send_message(self, text: str) -> bool:
        """Send on the subtitles channel; False when it is not open or the client has stopped reading."""
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > MAX_BUFFERED:
            return False
        channel.send(text)
        return True

    async def _connect(self) -> None:
        self._ice.remote_username = self._offer.ufrag
        self._ice.remote_password = self._offer.password
        failure: ConnectionError | None = None
        async with asyncio.TaskGroup() as group:
            looking_up = group.create_task(self._look_up_names())
            try:
                await self._ice.connect()
            except ConnectionError as error:
                failure = error
            looking_up.cancel()
        if failure is not None:
            raise failure
        fingerprints = [RTCDtlsFingerprint(algorithm=a, value=v) for a, v in self._offer.fingerprints]
        await self._dtls.start(RTCDtlsParameters(fingerprints=fingerprints))
        if self._dtls.state != "connected":
            raise ConnectionError("DTLS handshake failed")
        self.connected = True
        self._events.connected()
        if self._sctp is not None and self._offer.data is not None:
            data = self._offer.data
            await self._sctp.start(RTCSctpCapabilities(maxMessageSize=data.max_message_size), data.sctp_port)

    def _state_changed(self) -> None:
        if self._dtls.state in ("closed", "failed"):
            self.connected = False
            self._closed.set()

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL_LABEL or self._channel is not None:
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._events.channel_message)
        self._events.channel_open()

    def _take_rtp(self, data: bytes) -> None:
        try:
            packet = parse(data, self._level_id)
        except ValueError:
            return
        if packet.payload_type == self._offer.audio[0].opus:
            self._events.rtp(packet, self._loop.time())

    def _take_rtcp(self, data: bytes) -> None:
        try:
            packets = RtcpPacket.parse(data)
        except (ValueError, IndexError):
            return
        wall = time.time()
        ours = {stream.ssrc for stream in self.streams if stream is not None}
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                self._sender_report = SenderReportSeen(packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF, wall)
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                for block in packet.reports:
                    if block.ssrc in ours:
                        self.outbound.heard(
                            block.fraction_lost, block.packets_lost, block.jitter, block.lsr, block.dlsr, wall
                        )

    def _report(self, now: float) -> None:
        streams = [stream for stream in self.streams if stream is not None]
        block = self._events.inbound_report()
        packet = compound(streams, block, self._sender_report, self._cname, now, time.time())
        self._dtls.send_now(packet)

    async def _close(self) -> None:
        self._events.channel_closed()
        if self._sctp is not None:
            await self._sctp.stop()
        await self._dtls.stop()
        await self._ice.close()
        self._ice.on_srtp = None
        self._dtls.release()
        if self._sctp is not None:
            self._sctp.remove_all_listeners()
        if self._channel is not None:
            self._channel.remove_all_listeners()
            self._channel = None
        self._events = _NOBODY


async def _uncancelled(closing: Coroutine[Any, Any, None]) -> None:
    """Run `closing` to its end though we are being cancelled: aiortc's stops hang for ever if interrupted."""
    task = asyncio.ensure_future(closing)
    cancelled: asyncio.CancelledError | None = None
    deadline = asyncio.get_running_loop().time() + CLOSE_TIMEOUT
    while not task.done() and (left := deadline - asyncio.get_running_loop().time()) > 0:
        try:
            await asyncio.wait({task}, timeout=left)
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        failure = task.exception()
        if failure is not None and not isinstance(failure, ConnectionError):
            raise failure
    if cancelled is not None:
        raise cancelled
