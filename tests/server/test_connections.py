"""Connections of one address have a bound, and one whose other end takes nothing is dropped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web

from server.connections import Connections
from server.port import LEAST, connections_of, open_port, renewal_of
from server.settings import Settings, filled
from server.tls import listening
from signaling.config import SignalingLimits
from signaling.rate_limits import Rate
from tests.kit.certificates import Certificates

PATIENCE_S = 60.0
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = bytes(4_000_000)
OFTEN = Rate(100_000, 1)
LOOPBACK = "127.0.0.1"


def test_an_address_has_a_bound_and_no_other_is_concerned() -> None:
    connections = Connections(2, OFTEN, (), lambda: 0.0)
    assert [connections.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert connections.enter("192.0.2.2") and connections.enter("::ffff:192.0.2.3")
    connections.leave("192.0.2.1")
    assert connections.enter("192.0.2.1") and not connections.enter("::ffff:192.0.2.1")
    assert repr(connections) == "<Connections 4 counted, 1 refused since the last line of the log>"
    for host in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"):
        connections.leave(host)
    assert len(connections) == 0


def test_a_48_has_ten_times_as_many() -> None:
    connections = Connections(1, OFTEN, (), lambda: 0.0)
    assert connections.enter("2001:db8:1:0::1") and not connections.enter("2001:db8:1:0:ffff::1"), "one /64"
    assert [connections.enter(f"2001:db8:1:{net:x}::1") for net in range(1, 12)] == [True] * 9 + [False] * 2
    assert connections.enter("2001:db8:2::1")


def test_new_ones_come_at_a_bounded_rate() -> None:
    now = 0.0
    connections = Connections(1000, Rate(3, 10), (), lambda: now)
    assert [connections.enter("192.0.2.1") for _ in range(4)] == [True] * 3 + [False]
    now = 11.0
    assert connections.enter("192.0.2.1")


def test_a_proxy_brings_those_of_many() -> None:
    connections = Connections(1, Rate(1, 10), (ip_network("10.0.0.0/8"),), lambda: 0.0)
    assert all(connections.enter("10.1.2.3") for _ in range(9)) and len(connections) == 0
    connections.leave("10.1.2.3")


@pytest.mark.parametrize(
    ("settings", "counted"),
    [
        (Settings(), True),
        (Settings(trusted_proxies=("192.0.2.0/24", "::1")), False),
        (Settings(trusted_proxies=("192.0.2.9",)), True),
        (Settings(node="a"), False),
    ],
)
async def test_trusted_proxies_and_all_who_come_to_a_node_are_not_counted(settings: Settings, counted: bool) -> None:
    connections = connections_of(settings)
    assert connections.enter("192.0.2.1") and (len(connections) == 1) is counted


def test_a_page_loads_however_few_requests_an_address_has() -> None:
    """A page is some eighty files, and a browser opens six connections for them."""
    few = filled(Settings(address_requests_per_minute=1), SignalingLimits)
    assert few.requests_of_address == Rate(1, 60) and few.paced_of_address == Rate(2400, 60)
    assert filled(Settings(), SignalingLimits).paced_of_address == Rate(18_000, 60)


def test_the_log_tells_of_it_once_a_minute_and_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    connections = Connections(1, OFTEN, (), lambda: 0.0)
    for _ in range(9):
        connections.enter("192.0.2.1")
    [line] = caplog.records
    assert "192.0.2.1" not in str(line.__dict__)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[int, web.AppRunner]]:
    async def show(request: web.Request) -> web.Response:
        return web.Response(body=LARGE)

    app = web.Application()
    app.add_routes([web.get("/", show)])
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    try:
        async with open_port(settings, runner, renewal_of(settings)) as url, asyncio.timeout(PATIENCE_S):
            yield int(url.rpartition(":")[2]), runner
    finally:
        await runner.cleanup()


async def is_open(port: int) -> asyncio.StreamWriter | None:
    """Return a connection of which nothing has come for a moment; None for one that is closed."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        async with asyncio.timeout(0.2):
            assert await reader.read(1) == b""
    except ConnectionResetError:
        pass
    except TimeoutError:
        return writer
    writer.close()
    return None


@pytest.mark.parametrize("tls", [False, True])
async def test_one_too_many_is_closed_and_there_is_room_once_another_ends(tls: bool, tmp_path: Path) -> None:
    made = Certificates.make(tmp_path, LOOPBACK)
    files = {"tls_certificate": made.certificate, "tls_private_key": made.key} if tls else {}
    async with opened(Settings(port=0, address_requests_per_minute=6, **files)) as (port, _):
        held = await asyncio.gather(*(is_open(port) for _ in range(LEAST)))
        assert all(held) and await is_open(port) is None
        for one in held:
            assert one is not None
            one.close()
        while (again := await is_open(port)) is None:
            pass
        again.close()


async def test_who_reads_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "UNREAD_S", 0.3)
    async with opened(Settings(port=0)) as (port, runner):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((LOOPBACK, port))
        client.sendall(REQUEST)
        assert runner.server is not None
        while not runner.server.connections:  # noqa: ASYNC110 - aiohttp tells nobody
            await asyncio.sleep(0.01)
        while runner.server.connections:  # noqa: ASYNC110 - aiohttp tells nobody
            await asyncio.sleep(0.05)
        client.close()
