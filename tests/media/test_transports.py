"""Parts of aiortc and aioice that we rely on, private names included: each exists and does what we think.

A new version of either that breaks one of these breaks media/webrtc/transports.py.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import aioice
import pytest
from aioice.ice import StunProtocol
from aioice.stun import TransactionFailed
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcsctptransport import RTCSctpCapabilities, RTCSctpTransport
from google_crc32c import value as crc32c
from OpenSSL import SSL

from media.rtp.packets import build, parse
from media.webrtc.control_budget import ControlBudget
from media.webrtc.network import NetworkOptions
from media.webrtc.transports import (
    MAX_SOURCES,
    RECEIVE_WINDOW,
    Certificate,
    DtlsTransport,
    IceConnection,
    SctpTransport,
)

REPORT = bytes.fromhex("80c90001 00000007".replace(" ", ""))  # an empty receiver report of source 7


def packet(number: int, payload: bytes = b"opus") -> bytes:
    return build(111, number, number * 960, 7, payload)


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - datagrams come when they come
            await asyncio.sleep(0.005)


class Ends:
    """Our transports, and a stock client's, connected over UDP."""

    def __init__(self) -> None:
        self.ice = IceConnection(NetworkOptions(), asyncio.get_running_loop().time)
        self.dtls = DtlsTransport(self.ice, Certificate.generateCertificate())
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.dtls.on_rtp, self.dtls.on_rtcp = self.rtp.append, self.rtcp.append
        self.client_ice = aioice.Connection(ice_controlling=True)
        shim = type("Shim", (), {"role": "controlling", "_recv": self.client_ice.recv, "_send": self.client_ice.send})
        self.client_dtls = RTCDtlsTransport(shim(), [RTCCertificate.generateCertificate()])
        self.client_got: list[tuple[str, bytes]] = []

        async def got_rtp(data: bytes, arrival_time_ms: int) -> None:
            self.client_got.append(("rtp", data))

        async def got_rtcp(data: bytes) -> None:
            self.client_got.append(("rtcp", data))

        self.client_dtls._handle_rtp_data = got_rtp  # type: ignore[method-assign]
        self.client_dtls._handle_rtcp_data = got_rtcp  # type: ignore[method-assign]

    async def connect(self) -> None:
        here, there = self.ice, self.client_ice
        await asyncio.gather(here.gather_candidates(), there.gather_candidates())
        for one, other in ((here, there), (there, here)):
            one.remote_username, one.remote_password = other.local_username, other.local_password
            for candidate in other.local_candidates:
                await one.add_remote_candidate(candidate)
            await one.add_remote_candidate(None)
        await asyncio.gather(here.connect(), there.connect())
        self.dtls._set_role("client")
        self.client_dtls._set_role("server")
        await asyncio.gather(
            self.dtls.start(RTCDtlsParameters(self.client_dtls.getLocalParameters().fingerprints)),
            self.client_dtls.start(RTCDtlsParameters(self.dtls.getLocalParameters().fingerprints)),
        )

    async def close(self) -> None:
        for stop in (self.dtls.stop, self.client_dtls.stop, self.ice.close, self.client_ice.close):
            await stop()


@asynccontextmanager
async def connected() -> AsyncIterator[Ends]:
    ends = Ends()
    try:
        async with asyncio.timeout(10):
            await ends.connect()
        yield ends
    finally:
        await ends.close()


def test_the_versions_that_we_know() -> None:
    assert version("aiortc").startswith("1.16.") and version("aioice").startswith("0.13.")


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (aioice.Connection.get_component_candidates, ["self", "component", "addresses", "timeout"]),
        (aioice.Connection.data_received, ["self", "data", "component"]),
        (aioice.Connection._add_remote_candidate, ["self", "remote_candidate", "network_host"]),
        (aioice.Connection.check_complete, ["self", "pair"]),
        (StunProtocol.datagram_received, ["self", "data", "addr"]),
        (StunProtocol.send_stun, ["self", "message", "addr"]),
        (RTCCertificate._create_ssl_context, ["self", "srtp_profiles"]),
        (RTCDtlsTransport._set_role, ["self", "role"]),
        (RTCDtlsTransport._recv_next, ["self"]),
        (RTCDtlsTransport._setup_srtp, ["self"]),
        (RTCSctpTransport._handle_data, ["self", "data"]),
    ],
)
def test_the_methods_that_we_override_or_call(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters) == parameters


@pytest.mark.real_time
async def test_before_it_is_connected_nothing_is_sent_and_nothing_fails() -> None:
    ends = Ends()
    assert ends.ice._nominated == {} and ends.dtls.state == "new"
    ends.ice.send_now(b"x")
    ends.dtls.send_now(packet(1))
    ends.ice.data_received(packet(1), 1)
    ends.ice.data_received(b"", 1)
    assert ends.rtp == [] and ends.ice._queue.empty()
    await ends.close()


@pytest.mark.real_time
async def test_packets_both_ways() -> None:
    async with connected() as ends:
        assert (ends.dtls.state, ends.client_dtls.state) == ("connected", "connected")
        pair = ends.ice._nominated[1]
        assert pair.remote_addr[1] in {candidate.port for candidate in ends.client_ice.local_candidates}
        await ends.client_dtls._send_rtp(packet(1))
        await ends.client_dtls._send_rtp(REPORT)
        await until(lambda: ends.rtp and ends.rtcp)
        assert (ends.rtp, ends.rtcp) == ([packet(1)], [REPORT])
        ends.dtls.send_now(packet(2))
        ends.dtls.send_now(REPORT)
        await until(lambda: len(ends.client_got) == 2)
        assert ends.client_got == [("rtp", packet(2)), ("rtcp", REPORT)]


@pytest.mark.real_time
async def test_media_is_decrypted_within_the_datagrams_own_callback() -> None:
    """No queue and no task stand between the socket and the media path."""
    async with connected() as ends:
        sealed = ends.client_dtls._tx_srtp.protect(packet(1))
        ends.ice.data_received(sealed, 1)
        assert ends.rtp == [packet(1)]


@pytest.mark.real_time
async def test_replayed_forged_and_overlong_packets_are_dropped_and_counted() -> None:
    async with connected() as ends:
        sealed = [ends.client_dtls._tx_srtp.protect(packet(n)) for n in range(1, 6)]
        ends.ice.data_received(sealed[0], 1)
        ends.ice.data_received(sealed[0], 1)  # replayed
        ends.ice.data_received(sealed[1][:-1] + bytes([sealed[1][-1] ^ 1]), 1)  # forged
        ends.ice.data_received(b"\x80" + bytes(3), 1)
        assert (len(ends.rtp), ends.dtls.dropped) == (1, 3)
        ends.ice.data_received(sealed[2] + bytes(1500), 1)  # longer than libsrtp's buffer
        assert (len(ends.rtp), ends.dtls.dropped, ends.dtls.unauthenticated) == (1, 4, 4)
        ends.ice.data_received(sealed[4], 1)
        ends.ice.data_received(sealed[3], 1)  # reordered is not replayed
        assert [parse(data).sequence for data in ends.rtp] == [1, 5, 4]


@pytest.mark.real_time
async def test_no_more_sources_are_kept_than_a_client_needs() -> None:
    """libsrtp keeps a source for ever, and looks through all of them for each packet: 20,000 made one take 0.3 ms."""
    async with connected() as ends:
        report = REPORT[:4] + (2**31).to_bytes(4, "big")
        ends.ice.data_received(ends.client_dtls._tx_srtp.protect_rtcp(report), 1)
        for source in range(1000, 1000 + 3 * MAX_SOURCES):
            ends.ice.data_received(ends.client_dtls._tx_srtp.protect(build(111, 1, 960, source, b"opus")), 1)
        sources = [parse(data).ssrc for data in ends.rtp]
        assert sources == list(range(1000, 1000 + MAX_SOURCES - 1)), "and one of the report"
        assert ends.dtls.unauthenticated == 2 * MAX_SOURCES + 1, "what is dropped is counted"
        ends.ice.data_received(ends.client_dtls._tx_srtp.protect(build(111, 2, 1920, 1000, b"opus")), 1)
        ends.ice.data_received(ends.client_dtls._tx_srtp.protect_rtcp(report), 1)
        assert (parse(ends.rtp[-1]).ssrc, len(ends.rtcp)) == (1000, 2), "those that are known go on"


@pytest.mark.real_time
@pytest.mark.parametrize("first", [65530, 65535, 60000])
async def test_a_stream_that_wrapped_before_it_was_received_is_authenticated(first: int) -> None:
    """Our role is client here; keys of both directions come from the same handshake."""
    async with connected() as ends:
        sealed = [ends.client_dtls._tx_srtp.protect(packet((first + n) & 0xFFFF)) for n in range(0x10000 - first + 5)]
        for data in sealed[-5:]:
            ends.ice.data_received(data, 1)
        assert [parse(data).sequence for data in ends.rtp] == [0, 1, 2, 3, 4]
        assert ends.dtls.dropped == 0
        ends.client_dtls._tx_srtp.protect(packet(7))
        ends.ice.data_received(ends.client_dtls._tx_srtp.protect(packet(8)), 1)
        assert parse(ends.rtp[-1]).sequence == 8


@pytest.mark.real_time
async def test_a_number_may_be_sent_twice_but_not_long_after() -> None:
    """Forwarded packets keep their reordering; libsrtp lets us, within its window."""
    async with connected() as ends:
        for number in (100, 102, 101, 101):
            ends.dtls.send_now(packet(number))
        await until(lambda: len(ends.client_got) == 3)


@pytest.mark.real_time
async def test_who_was_heard_and_when() -> None:
    async with connected() as ends:
        ends.ice.alive_at = 0.0
        ends.ice.data_received(b"\x80forged, so nobody", 1)
        assert ends.ice.alive_at == 0.0
        ends.ice.data_received(ends.client_dtls._tx_srtp.protect(packet(1)), 1)
        assert ends.ice.alive_at > 0.0
        ends.ice.alive_at = 0.0
        pair = ends.client_ice._nominated[1]
        unsigned = ends.client_ice.build_request(pair, nominate=False)
        with pytest.raises(TransactionFailed):
            await pair.protocol.request(unsigned, pair.remote_addr)
        assert ends.ice.alive_at == 0.0, "anybody can send that, from any address"
        ends.ice.data_received(bytes((22,)) + bytes(60), 1)
        assert ends.ice.alive_at == 0.0, "nor does DTLS prove anything before it is read"
        await pair.protocol.request(
            ends.client_ice.build_request(pair, nominate=False),
            pair.remote_addr,
            integrity_key=ends.client_ice.remote_password.encode(),
        )
        assert ends.ice.alive_at > 0.0, "a STUN check is a sign of life"


@pytest.mark.real_time
async def test_strangers_reach_neither_dtls_nor_media() -> None:
    async with connected() as ends:
        pair = ends.ice._nominated[1]
        ours = pair.protocol.transport.get_extra_info("sockname")[:2]
        family = socket.AF_INET6 if ":" in ours[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as stranger:
            ends.ice.alive_at = 0.0
            stranger.sendto(ends.client_dtls._tx_srtp.protect(packet(1)), ours)  # a captured one, even
            stranger.sendto(bytes((22,)) + bytes(60), ours)
            await until(lambda: ends.ice.strangers == 2)
        assert ends.rtp == [] and ends.ice.alive_at == 0.0


@pytest.mark.real_time
async def test_a_peer_that_closes_is_noticed_at_once() -> None:
    async with connected() as ends:
        states: list[str] = []
        ends.dtls.on("statechange", lambda: states.append(ends.dtls.state))
        await ends.client_dtls.stop()
        await until(lambda: states)
        assert states == ["closed"]
        ends.dtls.send_now(packet(9))


@pytest.mark.real_time
async def test_after_closing_nothing_is_sent_and_nothing_fails() -> None:
    async with connected() as ends:
        await ends.close()
        ends.dtls.send_now(packet(1))
        ends.ice.send_now(b"x")


@pytest.mark.real_time
async def test_addresses_that_are_asked_for_are_the_candidates() -> None:
    ice = IceConnection(NetworkOptions(["127.0.0.1"]), asyncio.get_running_loop().time)
    await ice.gather_candidates()
    assert [(c.host, c.type) for c in ice.local_candidates] == [("127.0.0.1", "host")]
    await ice.close()


def test_peers_with_rsa_certificates_are_accepted() -> None:
    context = Certificate.generateCertificate()._create_ssl_context(SRTP_PROFILES)
    ciphers = SSL.Connection(context).get_cipher_list()
    assert "ECDHE-RSA-AES128-GCM-SHA256" in ciphers and "ECDHE-ECDSA-AES128-GCM-SHA256" in ciphers


class Silent:
    """A DTLS transport's face towards SCTP, which goes nowhere."""

    state, _role = "connected", "server"

    def __init__(self) -> None:
        self.transport = self
        self.role = "controlled"
        self.sent: list[bytes] = []

    def _register_data_receiver(self, receiver: Any) -> None: ...

    def _unregister_data_receiver(self, receiver: Any) -> None: ...

    async def _send_data(self, data: bytes) -> None:
        self.sent.append(data)


@pytest.mark.real_time
async def test_malformed_sctp_is_dropped_and_an_ignored_window_ends_the_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    sctp = SctpTransport(Silent(), ControlBudget(asyncio.get_running_loop().time))  # type: ignore[arg-type]
    assert sctp._advertised_rwnd == RECEIVE_WINDOW
    for error in (AssertionError, ValueError, KeyError, IndexError, struct.error):

        async def fail(self: Any, data: bytes, error: type[Exception] = error) -> None:
            raise error("from a hostile peer")

        monkeypatch.setattr(RTCSctpTransport, "_handle_data", fail)
        await sctp._handle_data(b"anything")
    monkeypatch.undo()
    await sctp._handle_data(b"not SCTP at all")
    sctp._advertised_rwnd = -1
    with pytest.raises(ConnectionError, match="window"):
        await sctp._handle_data(b"not SCTP at all")


@pytest.mark.real_time
async def test_random_sctp_chunks_raise_nothing_but_connection_errors() -> None:
    chance = random.Random(5)
    kinds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 130, 192, 255]
    for _ in range(40):
        sctp = SctpTransport(Silent(), ControlBudget(asyncio.get_running_loop().time))  # type: ignore[arg-type]
        await sctp.start(RTCSctpCapabilities(maxMessageSize=65536), 5000)
        sctp._set_state(sctp.State.ESTABLISHED)
        sctp._last_received_tsn = 1000
        for _ in range(80):
            chunks = b""
            for _ in range(chance.randrange(1, 4)):
                body = chance.randbytes(chance.randrange(0, 40))
                head = struct.pack("!BBH", chance.choice(kinds), chance.randrange(256), 4 + len(body))
                chunks += head + body + bytes(-len(body) % 4)
            header = struct.pack("!HHI", 5000, 5000, chance.choice([0, sctp._local_verification_tag]))
            checksum = struct.pack("<I", crc32c(header + bytes(4) + chunks))
            try:
                await sctp._handle_data(header + checksum + chunks)
            except ConnectionError:
                break  # the peer is over
        await sctp.stop()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Cut(Silent):
    """The same without a path below."""

    async def _send_data(self, data: bytes) -> None:
        await asyncio.sleep(0)
        raise ConnectionError("Cannot send data, not connected")


async def test_sctp_whose_path_is_gone_fails_no_task_and_its_end_leaves_no_timer() -> None:
    loop, failed = asyncio.get_running_loop(), list[Any]()
    loop.set_exception_handler(lambda _, context: failed.append(context["message"]))
    sctp = SctpTransport(Cut(), ControlBudget(loop.time))  # type: ignore[arg-type]
    await sctp.start(RTCSctpCapabilities(maxMessageSize=65536), 5000)
    sctp._set_state(sctp.State.ESTABLISHED)
    await sctp._send(1, 51, b"a subtitle")
    assert sctp._t3_handle is not None, "what is lost is sent again"
    sctp._t3_cancel()
    sctp._t3_expired()  # a task that nobody awaits sends it
    await asyncio.sleep(0)
    await sctp.stop()  # while that task waits below
    while asyncio.all_tasks() != {asyncio.current_task()}:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert sctp._t3_handle is None
    gc.collect()
    assert not failed
