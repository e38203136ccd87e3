"""One WebRTC connection with one client, as `async with`: negotiation, transports, streams, data channel."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from types import TracebackType

from aioice import Candidate
from aiortc import RTCDataChannel
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcsctptransport import RTCSctpCapabilities

from media.rtp.packets import HEADER_BYTES, HeaderExtensions, parse
from media.rtp.peer_budget import PeerBudget
from media.rtp.rtcp import RtcpSession
from media.rtp.sender import SenderStream
from media.rtp.statistics import SenderStatistics
from media.webrtc import sdp_offer
from media.webrtc.microphone_source import MicrophoneSource, audio_lines
from media.webrtc.network import NetworkOptions, ParticipantBudgets
from media.webrtc.peer_listener import PeerListener as PeerListener
from media.webrtc.remote_candidates import RemoteCandidates
from media.webrtc.sdp_answer import AnsweredAudio, AnswerTransport, write_answer
from media.webrtc.transports import Certificate, DtlsTransport, IceConnection, SctpTransport
from media.webrtc.uncancelled import run_uncancelled

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 20.0
CLOSE_TIMEOUT = 3.0
SILENCE_TIMEOUT = 8.0
"""Seconds without media and signed STUN checks after which a peer is gone (checks are due every 2.5 to 6 s)."""
REPORT_INTERVAL = 2.0
CHANNEL_LABEL = "subtitles"
MAX_MESSAGE = 65_536
MAX_BUFFERED = 1 << 20
MID_BYTES = 16


class PeerLost(Exception):
    """The connection could not be made, or ended; the message says why in a word or two."""


class Peer:
    """Answers one offer. Make it, `answer()`, then `serve()` until PeerLost; leaving the scope closes all."""

    def __init__(
        self,
        offer: sdp_offer.SdpOffer,
        network: NetworkOptions | None = None,
        shared: ParticipantBudgets | None = None,
    ) -> None:
        """`shared` are the budgets that a participant's peers share; None for one that shares with nobody."""
        self._loop = asyncio.get_running_loop()
        self._offer = offer
        self._listener: PeerListener | None = None
        self._network = network or NetworkOptions()
        self._ice = IceConnection(self._network, self._loop.time, shared)
        self._candidates = RemoteCandidates(self._ice)
        self._certificate = Certificate.generateCertificate()
        self._dtls = DtlsTransport(self._ice, self._certificate)
        self._sctp = SctpTransport(self._dtls, self._ice.control) if offer.data is not None else None
        self._channel: RTCDataChannel | None = None
        self._budget = PeerBudget()
        self._over_budget = 0
        self.microphone = MicrophoneSource(audio_lines(offer.audio[0], offer.m_lines))
        self._closed = asyncio.Event()
        self._cname = secrets.token_hex(8)
        self._rtcp = RtcpSession(self._cname)
        self._level_id, self._mid_id = offer.audio[0].level_id, offer.audio[0].mid_id
        self.connected = False
        self.streams: list[SenderStream | None] = [self._stream(m_line) for m_line in offer.audio]
        self._dtls.on_rtp = self._receive_rtp
        self._dtls.on_rtcp = self._receive_rtcp
        self._dtls.on("statechange", self._state_changed)
        if self._sctp is not None:
            self._sctp.on("datachannel", self._opened)

    def __repr__(self) -> str:
        state = "closed" if self._closed.is_set() else "connected" if self.connected else "connecting"
        channel = "none" if self._channel is None else self._channel.readyState
        return f"<Peer {state} streams={len(self._sent)}/{len(self.streams)} channel={channel} dropped={self.dropped}>"

    async def __aenter__(self) -> Peer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connected = False
        self._closed.set()
        if self.refused:
            log.warning("a client's datagrams were dropped", extra={"datagrams": self.refused})
        await run_uncancelled(self._close(), CLOSE_TIMEOUT)

    def _stream(self, m_line: sdp_offer.MediaLine) -> SenderStream | None:
        """Return the stream that we send on an audio m-line; None where the client won't hear it."""
        if m_line.direction not in ("sendrecv", "recvonly") or m_line.opus is None:
            return None
        mid = m_line.mid.encode()[:MID_BYTES]
        extensions = HeaderExtensions(m_line.mid_id, mid, m_line.level_id)
        ssrc, send = secrets.randbits(32) or 1, self._dtls.send_now
        return SenderStream(ssrc, m_line.opus, extensions, send, m_line.most_bitrate)

    @property
    def _sent(self) -> list[SenderStream]:
        """The streams that the client hears."""
        return [stream for stream in self.streams if stream is not None]

    @property
    def dropped(self) -> int:
        """Packets dropped: flood, forged, damaged, or from a stranger."""
        return self._dtls.dropped + self._ice.strangers + self._over_budget + self.refused

    @property
    def refused(self) -> int:
        """Datagrams of STUN, DTLS and SCTP that were over their budget."""
        return self._ice.control.refused

    @property
    def unauthenticated(self) -> int:
        """RTP packets that did not authenticate."""
        return self._dtls.unauthenticated

    @property
    def channel_open(self) -> bool:
        """True if the subtitles channel can carry a message."""
        return self._channel is not None and self._channel.readyState == "open"

    @property
    def statistics(self) -> SenderStatistics:
        """The figures of what we send, by the client's reports."""
        return self._rtcp.statistics

    @property
    def message_limit(self) -> int:
        """The bytes that the client takes in a message on its channel; 0 is any number."""
        return self._offer.data.max_message_size if self._offer.data is not None else 0

    async def answer(self, stream_ids: Sequence[str]) -> str:
        """Gather our candidates and return the answer; `stream_ids` names each audio m-line's media stream in order.

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
            candidates=self._network.advertise(self._ice.local_candidates),
            sctp_port=5000,
            max_message_size=MAX_MESSAGE,
        )
        audio = {
            m_line.mid: AnsweredAudio(stream.ssrc if stream else 0, name)
            for m_line, stream, name in zip(self._offer.audio, self.streams, stream_ids, strict=True)
        }
        for candidate in self._offer.candidates:
            await self.add_candidate(candidate)
        if self._offer.candidates_end:
            await self.add_candidate(None)
        return write_answer(self._offer, transport, audio, self._cname)

    async def add_candidate(self, candidate: Candidate | None) -> None:
        """Accept a candidate of the client, or None when there will be no more."""
        await self._candidates.add(candidate)

    async def serve(self, listener: PeerListener) -> None:
        """Connect, then watch over the connection, for `listener`. Always ends by PeerLost."""
        self._listener = listener
        try:
            await self._connect(listener)
            await self._watch(listener)
        finally:
            self._listener = None
            listener.channel_closed()

    async def _watch(self, listener: PeerListener) -> None:
        """Send reports until the connection is closed, or silent for too long. Always ends by PeerLost."""
        next_report = self._loop.time() + REPORT_INTERVAL / 4
        while not self._closed.is_set():
            now = self._loop.time()
            if now - self._ice.alive_at > SILENCE_TIMEOUT:
                raise PeerLost("nothing heard")
            if now >= next_report:
                next_report = now + REPORT_INTERVAL
                try:
                    self._dtls.send_now(self._rtcp.report(self._sent, listener.reception_report(), now, time.time()))
                except Exception as error:  # noqa: BLE001 - the listener logs it
                    listener.report_failed(error)
            try:
                async with asyncio.timeout(0.5):
                    await self._closed.wait()
            except TimeoutError:
                continue
        raise PeerLost("closed by the client")

    def send_message(self, text: str) -> bool:
        """Send on the subtitles channel; False when it is not open or the client has stopped reading.

        Raises ValueError for more than `message_limit` bytes.
        """
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > MAX_BUFFERED:
            return False
        channel.send(text)
        return True

    async def _connect(self, listener: PeerListener) -> None:
        """Connect within CONNECT_TIMEOUT. Raises PeerLost."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._open(listener)
        except TimeoutError:
            raise PeerLost("connection timed out") from None
        except ConnectionError as error:
            raise PeerLost(f"connection failed: {error}") from None

    async def _open(self, listener: PeerListener) -> None:
        """Open ICE, DTLS and SCTP, in this order. Raises ConnectionError."""
        self._ice.remote_username = self._offer.ufrag
        self._ice.remote_password = self._offer.password
        failure: ConnectionError | None = None
        async with asyncio.TaskGroup() as group:
            looking_up = group.create_task(self._candidates.look_up_names())
            try:
                await self._ice.connect()
            except ConnectionError as error:
                failure = error
            looking_up.cancel()
        if failure is not None:
            raise failure
        fingerprints = [RTCDtlsFingerprint(algorithm=a, value=v) for a, v in self._offer.fingerprints]
        await self._dtls.start(RTCDtlsParameters(fingerprints=fingerprints))
        if not self._dtls.connected:
            raise ConnectionError("DTLS handshake failed")
        self.connected = True
        listener.connected()
        if self._sctp is not None and self._offer.data is not None:
            data = self._offer.data
            await self._sctp.start(RTCSctpCapabilities(maxMessageSize=data.max_message_size), data.sctp_port)

    def _state_changed(self) -> None:
        if self._dtls.state in ("closed", "failed"):
            self.connected = False
            self._closed.set()

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL_LABEL or self.channel_open or self._listener is None:
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._listener.message_received)
        self._listener.channel_opened()

    def _receive_rtp(self, data: bytes) -> None:
        listener, now = self._listener, self._loop.time()
        if listener is None:
            return
        try:
            packet = parse(data, self._level_id, self._mid_id)
        except ValueError:
            self.microphone.unknown += 1
            return
        for chosen in self.microphone.choose(packet, now):
            # Only now: one who forges packets, or another m-line, must not use up the microphone's budget.
            if self._budget.admits(HEADER_BYTES + len(chosen.payload), now):
                listener.rtp_received(chosen, now)
            else:
                self._over_budget += 1
                listener.rtp_over_budget(chosen, now)

    def _receive_rtcp(self, data: bytes) -> None:
        if self._budget.admits_report(now := self._loop.time()):
            self._rtcp.receive(data, self._sent, now, time.time())
        else:
            self._over_budget += 1

    async def _close(self) -> None:
        if self._sctp is not None:
            await self._sctp.stop()
        await self._dtls.stop()
        await self._ice.close()
        self._ice.on_srtp = None
        self._dtls.detach()
        if self._sctp is not None:
            self._sctp.remove_all_listeners()
        if self._channel is not None:
            self._channel.remove_all_listeners()
            self._channel = None
