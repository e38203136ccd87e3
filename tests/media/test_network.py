"""The addresses of media: where it is received, which are offered, and which our checks may be aimed at."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from aioice import Candidate
from aioice.stun import Class, Message, Method

from media.events import OfferRefused
from media.rtp.budget import TokenBucket
from media.webrtc.control_budget import CHECKS_BURST as CHECKS_LET_IN
from media.webrtc.control_budget import DATAGRAMS_BURST
from media.webrtc.network import (
    CHECKS_BURST,
    CHECKS_PER_S,
    MAX_PROVEN,
    MAX_REMOTE,
    MediaSocket,
    NetworkOptions,
    ParticipantBudgets,
    check_budget,
    usable,
)
from media.webrtc.transports import IceConnection


def candidate(host: str, port: int = 40_000) -> Candidate:
    return Candidate("f", 1, "udp", 99, host, port, "host")


def connection(network: NetworkOptions | None = None, checks: TokenBucket | None = None) -> IceConnection:
    shared = ParticipantBudgets() if checks is None else ParticipantBudgets(checks)
    return IceConnection(network or NetworkOptions(["127.0.0.1"]), asyncio.get_running_loop().time, shared)


def test_behind_one_to_one_nat_the_public_address_is_told_with_the_local_port() -> None:
    told = NetworkOptions(advertised=["203.0.113.7"]).advertise(
        [candidate("10.0.0.5", 40_001), candidate("2001:db8::5", 40_002)]
    )
    assert [(one.host, one.port) for one in told] == [("203.0.113.7", 40_001), ("2001:db8::5", 40_002)]
    both = NetworkOptions(advertised=["203.0.113.7", "10.0.0.5"]).advertise([candidate("10.0.0.5", 40_001)])
    assert [(one.host, one.port) for one in both] == [("203.0.113.7", 40_001), ("10.0.0.5", 40_001)]
    assert len({one.foundation for one in both}) == 2
    assert NetworkOptions().advertise([candidate("10.0.0.5")])[0].host == "10.0.0.5"


@pytest.mark.udp
async def test_ports_come_from_the_range_and_their_end_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        first = min(probe.getsockname()[1], 65_533)
    network = NetworkOptions(["127.0.0.1"], ports=(first, first + 2))
    taken = [connection(network) for _ in range(4)]
    refusals = []
    for one in taken:
        try:
            await one.gather_candidates()
        except OfferRefused as refused:
            refusals.append(refused.code)
    ports = [one.local_candidates[0].port for one in taken if one.local_candidates]
    assert refusals and set(refusals) == {"at_capacity"} and len(set(ports)) == len(ports) == 4 - len(refusals)
    assert set(ports) <= {first, first + 1, first + 2}
    for one in taken:
        await one.close()


@pytest.mark.real_time
async def test_nothing_is_waited_for_in_gathering() -> None:
    one = connection()
    async with asyncio.timeout(0.2):
        await one.gather_candidates()
    await one.close()


@pytest.mark.parametrize(
    ("host", "port", "good"),
    [
        ("192.0.2.1", 40_000, True),
        ("192.168.1.7", 40_000, True),  # a neighbour in our own network
        ("fd00::7", 40_000, True),
        ("192.0.2.1", 53, False),
        ("192.0.2.1", 1023, False),
        ("127.0.0.1", 40_000, False),
        ("127.8.8.8", 40_000, False),
        ("::1", 40_000, False),
        ("::ffff:127.0.0.1", 40_000, False),
        ("169.254.169.254", 40_000, False),
        ("::ffff:169.254.169.254", 40_000, False),
        ("fe80::1", 40_000, False),
        ("224.0.0.251", 40_000, False),
        ("ff02::fb", 40_000, False),
        ("255.255.255.255", 40_000, False),
        ("0.0.0.0", 40_000, False),
        ("::", 40_000, False),
        ("server.example.org", 40_000, False),
    ],
)
def test_which_candidates_are_tried(host: str, port: int, good: bool) -> None:
    assert usable(host, port, loopback=False) is good


@pytest.mark.udp
async def test_a_client_that_names_many_addresses_has_few_of_them_tried() -> None:
    one = connection()
    await one.gather_candidates()
    for number in range(100):
        await one.add_remote_candidate(candidate("192.0.2.1", 10_000 + number))
    assert len(one.remote_candidates) == MAX_REMOTE
    await one.close()


def test_checks_to_addresses_that_never_proved_anything_are_rationed() -> None:
    budget = check_budget()
    assert [budget.consume(1, 100.0) for _ in range(int(CHECKS_BURST) + 1)] == [True] * int(CHECKS_BURST) + [False]
    assert [budget.consume(1, 101.0) for _ in range(int(CHECKS_PER_S) + 1)] == [True] * int(CHECKS_PER_S) + [False]


@pytest.mark.udp
async def test_checks_that_are_withheld_are_counted() -> None:
    checks = TokenBucket(rate=0.0, burst=2.0)
    one = connection(checks=checks)
    await one.gather_candidates()
    opened = one._protocols[0]
    for _ in range(5):
        opened.send_stun(Message(Method.BINDING, Class.REQUEST), ("127.0.0.1", 9))
    assert isinstance(opened, MediaSocket) and opened.withheld == 3
    await one.close()


@pytest.mark.real_time
async def test_a_new_offer_is_no_new_budget() -> None:
    """Packets at a victim whom a client names in offer after offer."""
    received = 0

    class Victim(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            nonlocal received
            received += 1

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Victim, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    checks = TokenBucket(rate=0.0, burst=5.0)
    for _ in range(3):
        one = connection(checks=checks)
        await one.gather_candidates()
        one.remote_username, one.remote_password = "them", "x" * 22
        await one.add_remote_candidate(candidate("127.0.0.1", port))
        connecting = asyncio.ensure_future(one.connect())
        await asyncio.sleep(0.8)
        await one.close()
        await asyncio.wait({connecting})
        connecting.exception()
    transport.close()
    await asyncio.sleep(0)
    assert 1 <= received <= 5


@pytest.mark.udp
async def test_only_the_client_reaches_the_media_socket() -> None:
    """Junk and a DTLS ClientHello from elsewhere are dropped before anything looks at them."""
    one = connection()
    await one.gather_candidates()
    opened = one._protocols[0]
    hello = bytes.fromhex("16fefd0000000000000000") + bytes(60)
    opened.datagram_received(hello, ("192.0.2.9", 4000))
    opened.datagram_received(b"\x80" + bytes(40), ("192.0.2.9", 4000))
    opened.datagram_received(b"", ("192.0.2.9", 4000))
    assert one._queue.empty() and one.strangers == 3
    opened.prove(("192.0.2.1", 4000))  # type: ignore[attr-defined]
    opened.datagram_received(hello, ("192.0.2.1", 4000))
    assert one._queue.qsize() == 1
    for number in range(2 * MAX_PROVEN):
        opened.prove(("192.0.2.1", 5000 + number))  # type: ignore[attr-defined]
    opened.datagram_received(bytes(20), ("192.0.2.2", 4000))
    assert one.strangers == 4, "who is at that many places at once is heard from no further one"
    await one.close()


@pytest.mark.udp
async def test_a_check_of_the_client_without_its_priority_raises_nothing() -> None:
    """RFC 8445 (7.1.1) wants the attribute, and aioice looks for it in the socket's callback."""
    one = connection()
    one.remote_username, one.remote_password = "client", "p" * 22
    await one.gather_candidates()
    one._early_checks_done = True  # as in a connection that has begun
    opened = one._protocols[0]
    for with_priority in (False, True):
        check = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        check.attributes["USERNAME"] = f"{one.local_username}:client"
        if with_priority:
            check.attributes["PRIORITY"] = 1
        check.add_message_integrity(one.local_password.encode())
        opened.datagram_received(bytes(check), ("127.0.0.1", 4000))
        assert one.strangers == 1
    await one.close()


@pytest.mark.udp
async def test_stun_with_attributes_cut_short_is_dropped_and_raises_nothing() -> None:
    """An error that leaves a socket's callback is logged with its traceback, for each datagram."""
    one = connection()
    await one.gather_candidates()
    opened = one._protocols[0]
    opened.prove(("192.0.2.9", 4000))  # type: ignore[attr-defined]
    for kind in (0x0001, 0x0020, 0x0024, 0x8022, 0x8028, 0x8029, 0x802A):
        attribute = kind.to_bytes(2, "big") + b"\x00\x01a\x00\x00\x00"
        opened.datagram_received(b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(12) + attribute, ("192.0.2.9", 4000))
    assert one.strangers > 0
    await one.close()


def named_check(one: IceConnection) -> bytes:
    """Return a check that names our username fragment, and is not signed."""
    check = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
    check.attributes["USERNAME"] = f"{one.local_username}:client"
    return bytes(check)


async def held_still(now: float = 1000.0) -> tuple[IceConnection, MediaSocket]:
    """Return a connection whose clock stands, and its socket."""
    one = IceConnection(NetworkOptions(["127.0.0.1"]), lambda: now)
    await one.gather_candidates()
    opened = one._protocols[0]
    assert isinstance(opened, MediaSocket)
    return one, opened


@pytest.mark.udp
async def test_a_stranger_who_knows_no_name_of_ours_costs_no_budget_and_gets_no_answer() -> None:
    """An answer would be taken from the rationed checks, and the client's own would not be sent."""
    one, opened = await held_still()
    sent: list[object] = []
    opened.transport = SimpleNamespace(sendto=lambda *args: sent.append(args), close=opened.transport.close)  # type: ignore[assignment]
    stranger = bytes(Message(message_method=Method.BINDING, message_class=Class.REQUEST))
    for _ in range(2 * int(DATAGRAMS_BURST)):
        opened.datagram_received(stranger, ("192.0.2.9", 4000))
    assert not sent and one.strangers == 2 * DATAGRAMS_BURST and one.control.refused == opened.withheld == 0
    opened.datagram_received(named_check(one), ("192.0.2.9", 4000))
    assert len(sent) == 1, "one who names us is told that this is no proof"
    await one.close()


@pytest.mark.udp
async def test_checks_from_elsewhere_that_name_us_are_rationed_and_cost_the_client_nothing() -> None:
    one, opened = await held_still()
    opened.prove(("192.0.2.1", 4000))
    check = named_check(one)
    for _ in range(int(CHECKS_LET_IN) + 50):
        opened.datagram_received(check, ("192.0.2.9", 4000))
    assert one.control.refused == 50
    for _ in range(int(DATAGRAMS_BURST)):
        opened.datagram_received(b"\x16" + bytes(40), ("192.0.2.1", 4000))
    assert one.control.refused == 50 and one._queue.qsize() == DATAGRAMS_BURST
    await one.close()


@pytest.mark.udp
async def test_a_flood_of_the_client_is_dropped_and_its_media_is_not() -> None:
    one, opened = await held_still()
    opened.prove(("192.0.2.1", 4000))
    media: list[bytes] = []
    one.on_srtp = media.append
    for kind in (b"\x17", named_check(one), b"\x80"):
        for _ in range(2 * int(DATAGRAMS_BURST)):
            opened.datagram_received(kind if len(kind) > 1 else kind + bytes(40), ("192.0.2.1", 4000))
    assert one._queue.qsize() == DATAGRAMS_BURST, "what waits is bounded"
    assert one.control.refused == 3 * DATAGRAMS_BURST
    assert len(media) == 2 * DATAGRAMS_BURST
    await one.close()
