"""Carries sockets of clients to the nodes that have their sessions, where all nodes have one address."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TypeAlias

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from signaling.refusal import RESTART, SHUTDOWN
from signaling.websocket.socket import ExplainingWebSocket

_Socket: TypeAlias = web.WebSocketResponse | aiohttp.ClientWebSocketResponse
_UNSENDABLE = (WSCloseCode.ABNORMAL_CLOSURE, 1005)
"""Codes that no close frame may hold (RFC 6455, 7.4.1)."""


class SocketsBetweenNodes:
    """Sockets of clients that this node carries. The other node judges what a frame holds, and who is silent."""

    def __init__(self) -> None:
        self._open: set[ExplainingWebSocket] = set()
        self._fewer = asyncio.Event()

    def __len__(self) -> int:
        """Return the number of sockets that are carried now."""
        return len(self._open)

    async def carry(self, client: ExplainingWebSocket, node: aiohttp.ClientWebSocketResponse) -> None:
        """Pass frames on both ways until one side closes, and close the other one by the same code."""
        self._open.add(client)
        try:
            async with asyncio.TaskGroup() as tasks:
                to_node, to_client = ways = (
                    tasks.create_task(_pass_on(client, node)),
                    tasks.create_task(_pass_on(node, client)),
                )
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
            if not to_client.cancelled():
                client.explained = True  # by the node
                await client.close(code=to_client.result() or RESTART)
            elif not to_node.cancelled():
                await node.close(code=to_node.result() or SHUTDOWN)
        finally:
            self._open.discard(client)
            self._fewer.set()
            await node.close(code=SHUTDOWN)  # nothing, where it is closed

    async def close(self, patience_s: float) -> None:
        """Wait until the other nodes have closed their sockets, and then close those that are left.

        Their clients come back by another node.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._open:
                    self._fewer.clear()
                    await self._fewer.wait()
        async with asyncio.TaskGroup() as tasks:
            for one in self._open:
                tasks.create_task(one.close(code=RESTART))


async def _pass_on(source: _Socket, target: _Socket) -> int | None:
    """Pass frames on until the source closes, or the target takes none; return the source's code if it said one."""
    with suppress(ConnectionError):
        while True:
            frame = await source.receive()
            match frame.type:
                case WSMsgType.TEXT:
                    await target.send_str(frame.data)
                case WSMsgType.BINARY:
                    await target.send_bytes(frame.data)
                case WSMsgType.PING:
                    await target.ping(frame.data)
                case WSMsgType.PONG:
                    await target.pong(frame.data)
                case WSMsgType.CLOSE:
                    return None if frame.data in _UNSENDABLE else int(frame.data)
                case _:
                    return None
    return None
