"""Sockets that one process carries to another: how many, and how each end is closed where the other takes nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling.config import SignalingLimits, SignalingOptions
from signaling.http import forwarding
from signaling.http.forwarding import Forwarding
from signaling.websocket import between_nodes
from signaling.websocket.between_nodes import SocketsBetweenNodes
from signaling.websocket.socket import ExplainingWebSocket
from tests.kit.moved_clock import until
from tests.kit.processes_here import pair_over, two_processes
from tests.kit.signaling_server import MANY, Client


async def test_no_more_sockets_are_carried_than_a_process_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(between_nodes, "MOST_FOR_SESSION", 1)
    one = SignalingOptions(limits=SignalingLimits(sessions=1, sessions_of_user=MANY, address_share=1.0))
    async with two_processes(config=one) as (a, b):
        _, bo = await pair_over(a, b)
        cy = Client(b.front, bo.token, bo.user)
        cy.session, cy.language = bo.session, bo.language
        await cy.open()
        await cy.hear_error("at_capacity", fatal=True, close=1001)
        await bo.quiet()


def test_only_the_newest_people_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(between_nodes, "MOST_SENT", 2)
    carried = SocketsBetweenNodes(SignalingOptions())
    came = ("ana", "bo", "ana", "cy", "bo", "ana")
    assert [carried.comes_again(("s_1", one)) for one in came] == [False, False, True, False, False, False]


@pytest.mark.parametrize("ends", ["by itself", "with its process"])
async def test_a_client_that_reads_nothing_is_dropped(ends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other node says more than all buffers hold, and never listens."""
    monkeypatch.setattr(between_nodes, "LEAVE_S", 0.05)
    waits = 0.1 if ends == "by itself" else 600.0
    options = SignalingOptions(ping_every_s=waits, close_handshake_s=0.05)
    carried = SocketsBetweenNodes(options)
    said: list[int] = []

    async def speaks(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with suppress(ConnectionError):
            while True:
                await socket.send_str("x" * 1_000_000)
                said.append(1)
        return socket

    async def carries(request: web.Request) -> web.WebSocketResponse:
        socket = ExplainingWebSocket(request, options)
        await socket.prepare(request)
        await carried.carry(socket, await http.ws_connect(f"{request.url.origin()}/node", autoping=False))
        return socket

    served = web.Application()
    served.add_routes([web.get("/ws", carries), web.get("/node", speaks)])
    async with TestServer(served) as server, aiohttp.ClientSession() as http, asyncio.timeout(20):
        client = await http.ws_connect(server.make_url("/ws"))
        await until(lambda: len(carried) == 1)
        if ends == "with its process":
            before = -1
            while len(said) > before:  # until nothing moves any more
                before = len(said)
                await asyncio.sleep(0.1)
            await carried.close(0)
        await until(lambda: len(carried) == 0)
        while (frame := await client.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert frame.type is not aiohttp.WSMsgType.CLOSE, "it was dropped"


async def test_a_client_whose_process_takes_nothing_more_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[aiohttp.ClientWebSocketResponse] = []
    open_socket = Forwarding.open_socket

    async def noted(self: Forwarding, *asked: Any) -> aiohttp.ClientWebSocketResponse | None:
        node = await open_socket(self, *asked)
        opened.extend([] if node is None else [node])
        return node

    async def broken(text: str) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(Forwarding, "open_socket", noted)
    async with two_processes() as (a, b):
        _, bo = await pair_over(a, b)
        (node,) = opened
        monkeypatch.setattr(node, "send_str", broken)
        await bo.say({"type": "heartbeat"})
        assert await bo.next() == 1012


async def test_a_socket_that_could_not_be_handed_on_is_closed_at_both_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forwarding, "OPEN_S", 0.2)
    opened: list[aiohttp.ClientWebSocketResponse] = []
    async with two_processes() as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        ana.front = b.front
        await ana.connect()
        ws_connect = aiohttp.ClientSession.ws_connect

        async def slow(self: aiohttp.ClientSession, *asked: Any, **options: Any) -> aiohttp.ClientWebSocketResponse:
            node = await ws_connect(self, *asked, **options)
            monkeypatch.setattr(node, "send_str", lambda text: asyncio.sleep(60))
            opened.append(node)
            return node

        monkeypatch.setattr(aiohttp.ClientSession, "ws_connect", slow)
        join = {"type": "join_session", "sessionId": ana.session, "token": ana.token, "language": "es", "protocol": 1}
        await ana.say(join)
        await ana.hear_error("at_capacity", fatal=True, close=1001)
        assert [one.closed for one in opened] == [True]
