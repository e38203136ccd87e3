"""ICE, DTLS-SRTP and SCTP of one peer: aiortc's and aioice's transports, decrypting inline.

We use their transports but not `RTCPeerConnection`, whose senders and receivers can do none of what a call
needs (docs/adr/0002). Everything here that reaches into a private name of theirs is checked by
tests/media/test_transports.py against the pinned versions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pylibsrtp
from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import CandidatePair
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsTransport, State
from aiortc.rtcsctptransport import Chunk, DataChunk, RTCSctpTransport, SackChunk
from OpenSSL import SSL

from media.events import OfferRefused, RefusalCode
from media.rtp.packets import is_rtcp
from media.webrtc.control_budget import ControlBudget
from media.webrtc.network import MAX_REMOTE, MediaSocket, NetworkOptions, ParticipantBudgets, bind, usable
from media.webrtc.sctp_weight import weight
from media.webrtc.srtp_rollover import RolledOverStreams

_RSA_TOO = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA:"
    b"ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305"
)

RECEIVE_WINDOW = 256 * 1024
"""Bytes that a peer may have on their way to us over SCTP: four of the longest messages."""
MAX_HELD = 512
"""SCTP chunks that wait for what is missing between them; a peer that fills the window has half as many."""
MAX_STREAMS = 16
MAX_SOURCES = 64
"""Synchronisation sources of one connection. libsrtp keeps each for ever, and looks through them for every packet."""

Datagram = Callable[[bytes], None]


class Certificate(RTCCertificate):
    """Also accepts peers with RSA certificates, such as GStreamer's."""

    def _create_ssl_context(self, srtp_profiles: list[Any]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(_RSA_TOO)
        return context


class IceConnection(Connection):
    """An aioice connection that hands SRTP over at once, and notes the peer's last sign of life."""

    def __init__(
        self, network: NetworkOptions, now: Callable[[], float], shared: ParticipantBudgets | None = None
    ) -> None:
        """`shared` is what the connections of its participant share; None for one that shares with nobody."""
        super().__init__(ice_controlling=False)
        shared = shared or ParticipantBudgets()
        self._network = network
        self.now = now
        self._checks = shared.checks
        self.control = ControlBudget(now, network.common, shared.quiet)
        """Budget of all that comes and is no media."""
        self._loopback = False
        self.alive_at = now()
        """Loop time of the peer's last sign of life."""
        self.on_srtp: Datagram | None = None

    @property
    def strangers(self) -> int:
        """Datagrams dropped because they came from an unproven address."""
        return sum(one.strangers for one in self._protocols if isinstance(one, MediaSocket))

    async def get_component_candidates(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        """Open our sockets and return their candidates. No server is asked, so nothing is waited for.

        Raises OfferRefused `at_capacity` where no port is left.
        """
        candidates = []
        for address in list(self._network.addresses) or addresses or ["127.0.0.1"]:
            try:
                opened = await bind(self._socket, address, self._network.ports)
            except OSError:
                continue  # an address that has gone, or one without a free port
            host, port = opened.transport.get_extra_info("sockname")[:2]
            foundation, priority = candidate_foundation("host", "udp", host), candidate_priority(component, "host")
            opened.local_candidate = Candidate(foundation, component, "udp", priority, host, port, "host")
            self._loopback = self._loopback or host in ("127.0.0.1", "::1")
            self._protocols.append(opened)
            candidates.append(opened.local_candidate)
        if not candidates:
            raise OfferRefused(RefusalCode.AT_CAPACITY, "no UDP port is free for media")
        return candidates

    def _socket(self) -> MediaSocket:
        return MediaSocket(self, self._checks, self.control, self.now, self.note_alive)

    def _add_remote_candidate(self, remote_candidate: Candidate, network_host: str) -> None:
        if len(self._remote_candidates) < MAX_REMOTE and usable(
            network_host, remote_candidate.port, loopback=self._loopback
        ):
            super()._add_remote_candidate(remote_candidate, network_host)

    def check_complete(self, pair: CandidatePair) -> None:
        if pair.state is CandidatePair.State.SUCCEEDED and isinstance(pair.protocol, MediaSocket):
            pair.protocol.prove(pair.remote_addr)
        super().check_complete(pair)

    def data_received(self, data: bytes, component: int) -> None:
        # SRTP (RFC 7983) goes straight to the media path: no queue, no task switch for each packet.
        if not data:
            return
        if 127 < data[0] < 192:
            if self.on_srtp is not None:
                self.on_srtp(data)
        elif self.control.admits():
            super().data_received(data, component)

    def note_alive(self) -> None:
        """Note a sign of life that only the peer can give: a signed check, or media that decrypts."""
        self.alive_at = self.now()

    async def close(self) -> None:
        await super().close()
        self._check_list.clear()  # its pairs hold their sockets, and these hold us

    def send_now(self, data: bytes) -> None:
        """Send a datagram on the nominated pair, synchronously; nowhere while there is none."""
        pair = self._nominated.get(1)
        if pair is not None and not pair.protocol.transport.is_closing():
            pair.protocol.transport.sendto(data, pair.remote_addr)


class _IceTransport:
    """The few names of `RTCIceTransport` that a DTLS transport uses."""

    role = "controlled"

    def __init__(self, connection: IceConnection) -> None:
        self._recv = connection.recv
        self._send = connection.send


class DtlsTransport(RTCDtlsTransport):
    """DTLS-SRTP whose media packets are decrypted and encrypted inline."""

    def __init__(self, connection: IceConnection, certificate: RTCCertificate) -> None:
        super().__init__(_IceTransport(connection), [certificate])  # type: ignore[arg-type]
        self._connection = connection
        connection.on_srtp = self._receive_srtp
        self._authenticated: set[bytes] = set()
        """SSRCs of which a packet was authenticated by the session that knows no roll-over."""
        self._sources: set[bytes] = set()
        """SSRCs of which anything was authenticated."""
        self._rolled_over: RolledOverStreams | None = None
        self.on_rtp: Datagram | None = None
        self.on_rtcp: Datagram | None = None
        self.dropped = 0
        """Packets that are forged, replayed or damaged."""
        self.unauthenticated = 0
        """RTP packets among those that were dropped."""

    def _setup_srtp(self) -> None:
        super()._setup_srtp()
        if self._rx_srtp is None or self._ssl is None:
            return  # no profile in common
        name = self._ssl.get_selected_srtp_profile()
        profile = next(one for one in self._srtp_profiles if one.openssl_profile == name)
        view = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length))
        key = profile.get_key_and_salt(view, 0 if self._role == "server" else 1)
        self._rolled_over = RolledOverStreams(key, profile.libsrtp_profile)

    @property
    def connected(self) -> bool:
        """True while media is encrypted and decrypted. Each packet asks, and `state` would build a text each time."""
        return self._state is State.CONNECTED

    def _receive_srtp(self, data: bytes) -> None:
        if self._rx_srtp is None or self._state is not State.CONNECTED:
            return
        control = is_rtcp(data)
        source = data[4:8] if control else data[8:12]
        try:
            if not control and source in self._authenticated:  # nearly every packet
                plain = self._rx_srtp.unprotect(data)
            else:
                if source not in self._sources and len(self._sources) >= MAX_SOURCES:
                    raise ValueError("one source too many")
                plain = self._rx_srtp.unprotect_rtcp(data) if control else self._unprotect(data, source)
                self._sources.add(source)
        except (pylibsrtp.Error, ValueError):  # a ValueError also: longer than libsrtp's buffer
            self.dropped += 1
            self.unauthenticated += not control
            return
        self._connection.note_alive()
        sink = self.on_rtcp if control else self.on_rtp
        if sink is not None:
            sink(plain)

    def _unprotect(self, data: bytes, source: bytes) -> bytes:
        """Return an RTP packet of a source that is not in `_authenticated`. Raises pylibsrtp.Error or ValueError."""
        ssrc, later = int.from_bytes(source, "big"), self._rolled_over
        if later is not None and ssrc in later:
            return later.unprotect(data, ssrc)
        try:
            plain = self._rx_srtp.unprotect(data)
        except pylibsrtp.Error:
            packet = None if later is None else later.try_first(data, ssrc, self._connection.now())
            if packet is None:
                raise
            return packet
        self._authenticated.add(source)
        return plain

    def detach(self) -> None:
        """Give OpenSSL's and libsrtp's memory back, after `stop`.

        A closed transport may lie in a reference cycle for long. The garbage collector counts objects, and can't see
        the memory behind them.
        """
        self.on_rtp = self.on_rtcp = None
        self._ssl = None
        self._rx_srtp = self._tx_srtp = None  # type: ignore[assignment]
        self._rolled_over = None
        self.remove_all_listeners()

    def send_now(self, data: bytes) -> None:
        """Encrypt and send one RTP or RTCP packet; nowhere while not connected."""
        if self._state is State.CONNECTED:
            protect = self._tx_srtp.protect_rtcp if is_rtcp(data) else self._tx_srtp.protect
            self._connection.send_now(protect(data))


class SctpTransport(RTCSctpTransport):
    """SCTP that survives a hostile peer.

    Malformed chunks are dropped. A peer that makes us hold or search more than a client of ours ever needs is
    disconnected: aiortc walks all that it holds for each chunk, in Python, and every call of this process waits.
    """

    def __init__(self, transport: DtlsTransport, control: ControlBudget) -> None:
        super().__init__(transport)
        self._control = control
        self._advertised_rwnd = RECEIVE_WINDOW

    async def _handle_data(self, data: bytes) -> None:
        # A TypeError: a chunk that wants an association came before any was there.
        with suppress(AssertionError, ValueError, KeyError, IndexError, TypeError, struct.error):
            if self._control.admits_chunks(weight(data)):
                await super()._handle_data(data)
        if self._advertised_rwnd < 0:
            raise ConnectionError("the peer ignores our receive window")
        if len(self._inbound_streams) > MAX_STREAMS or len(self._data_channels) > MAX_STREAMS:
            raise ConnectionError("the peer uses too many streams")
        if len(self._sack_duplicates) + sum(len(one.reassembly) for one in self._inbound_streams.values()) > MAX_HELD:
            raise ConnectionError("the peer sends messages that never end")

    async def _send_chunk(self, chunk: Chunk) -> None:
        # aiortc sends from timers, in tasks that nobody awaits. Without a path below, a chunk is lost as any may be.
        with suppress(ConnectionError):
            await super()._send_chunk(chunk)

    def _t3_start(self) -> None:
        if self._association_state != self.State.CLOSED:  # else the end has overtaken a transmission
            super()._t3_start()

    def _t3_restart(self) -> None:
        if self._association_state != self.State.CLOSED:
            super()._t3_restart()

    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        if chunk.user_data:  # one without is a violation (RFC 9260, 3.3.1), and would count for nothing in the window
            await super()._receive_data_chunk(chunk)

    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        # Nobody has received more than was sent; aiortc would walk each number that is claimed, up to millions.
        if sum(max(1, last - first + 1) for first, last in chunk.gaps) > len(self._sent_queue):
            return
        if all(first <= last for first, last in chunk.gaps):
            await super()._receive_sack_chunk(chunk)
