"""The way of a client: the relay that answers, and the address that it sends from."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aioice import Connection

import clients.webrtc.relays
from clients.signaling.local_route import source_address
from clients.webrtc.relays import Relay, Transport, gather, relays

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

ENTRY = {"username": "1:u", "credential": "c"}


def test_the_best_way_into_the_relay_comes_first() -> None:
    urls = [
        "turns:relay.example.org:443?transport=tcp",
        "turn:relay.example.org?transport=tcp",
        "turn:[2001:db8::1]:3479",
        "stun:relay.example.org",
        "turns:relay.example.org?transport=udp",
        "turn:relay.example.org:port",
    ]
    assert relays([{"urls": urls, **ENTRY}, {"urls": []}, {}]) == [
        Relay("2001:db8::1", 3479, Transport.UDP, "1:u", "c"),
        Relay("relay.example.org", 3478, Transport.TCP, "1:u", "c"),
        Relay("relay.example.org", 443, Transport.TLS, "1:u", "c"),
    ]


async def test_a_relay_that_is_silent_is_given_up_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients.webrtc.relays, "RELAY_TIMEOUT_S", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        way = Relay("127.0.0.1", silent.getsockname()[1], Transport.UDP, "u", "c")
        async with asyncio.timeout(2):
            assert await gather(Connection(ice_controlling=True), 1, [way, way]) is None
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_second_way_is_tried_while_the_first_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients.webrtc.relays, "HEAD_START_S", 0.05)
    connection = Connection(ice_controlling=True)
    tried: list[str] = []

    async def allocate(**given: Any) -> Any:
        tried.append(given["turn_transport"])
        if given["turn_transport"] == "udp":
            await asyncio.Event().wait()
        return "candidate", "protocol"

    monkeypatch.setattr(clients.webrtc.relays, "relayed_candidate", allocate)
    ways = relays([{"urls": ["turn:a", "turn:a?transport=tcp", "turns:a"], **ENTRY}])
    async with asyncio.timeout(2):
        found = await gather(connection, 1, ways)
    assert found == ("candidate", ways[1]) and tried == ["udp", "tcp"]
    assert connection._protocols == ["protocol"]  # type: ignore[comparison-overlap]


def test_the_address_that_we_send_from() -> None:
    assert source_address("127.0.0.1", 9) == "127.0.0.1"
    assert source_address("::1", 9) in ("::1", None)
