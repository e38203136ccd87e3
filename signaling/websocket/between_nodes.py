"""Carries sockets to the nodes of their sessions: all at one address, else of clients that do not know `moved`."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from typing import TypeAlias

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from signaling.config import SignalingOptions
from signaling.refusal import RESTART, SHUTDOWN
from signaling.websocket.connection import MAX_UNANSWERED_PINGS
from signaling.websocket.socket import ExplainingWebSocket, is_cancelled

log = logging.getLogger(__name__)

_Socket: TypeAlias = web.WebSocketResponse | aiohttp.ClientWebSocketResponse
_UNSENDABLE = (WSCloseCode.ABNORMAL_CLOSURE, 1005)
"""Codes that no close frame may hold (RFC 6455, 7.4.1)."""
MOST_FOR_SESSION = 16
"""Sockets that a node carries at most, for each session that it may hold: all of eight nodes may have come to one."""
ALL_END_S = 15.0
"""Time beyond that of the last sentences in which other nodes at this address close sockets, where all end."""
LEAVE_S = 2.0
"""Time for another node to answer a close frame."""
MOST_SENT = 4096
"""People whom a node remembers of those that it has sent elsewhere."""


class SocketsBetweenNodes:
    """Sockets of clients that this node carries. The other node judges what a frame holds, and who is silent."""

    def __init__(self, options: SignalingOptions) -> None:
        self._most = options.limits.sessions * MOST_FOR_SESSION
        self._send_s = options.ping_every_s * MAX_UNANSWERED_PINGS
        self._open: set[ExplainingWebSocket] = set()
        self._fewer = asyncio.Event()
        self._sent: dict[tuple[str, str], None] = {}
        """(session, person), who came last at the end."""

    def __len__(self) -> int:
        """Return the number of sockets that are carried now."""
        return len(self._open)

    @property
    def full(self) -> bool:
        """True while no more sockets are carried."""
        return len(self) >= self._most

    def comes_again(self, who: tuple[str, str]) -> bool:
        """Return True if this person of this session has come before: then their client does not know `moved`.

        A client that knows the message goes elsewhere from then on.
        """
        again = who in self._sent
        self._sent.pop(who, None)
        self._sent[who] = None
        if len(self._sent) > MOST_SENT:
            del self._sent[next(iter(self._sent))]
        return again

    async def carry(self, client: ExplainingWebSocket, node: aiohttp.ClientWebSocketResponse) -> None:
        """Pass frames on both ways until one side closes, or takes none, and close the other one by the same code."""
        self._open.add(client)
        async with AsyncExitStack() as ends:  # backwards: what is closed already stays as it is
            ends.callback(self._forget, client)
            ends.push_async_callback(leave, node, SHUTDOWN)
            ends.push_async_callback(client.close, code=RESTART)
            async with asyncio.TaskGroup() as tasks:
                to_node, to_client = ways = (
                    tasks.create_task(self._pass_on(client, node)),
                    tasks.create_task(self._pass_on(node, client)),
                )
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
            if not to_client.cancelled():
                client.explained = True  # by the node
                await client.close(code=to_client.result() or RESTART)
            elif not to_node.cancelled():
                await leave(node, to_node.result() or SHUTDOWN)

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

    def _forget(self, client: ExplainingWebSocket) -> None:
        self._open.discard(client)
        self._fewer.set()

    async def _pass_on(self, source: _Socket, target: _Socket) -> int | None:
        """Pass frames on until the source closes, or the target takes none; return the source's code if it said one.

        A target gets as much time for a frame as a client has that answers no pings.
        """
        with suppress(ConnectionError):
            while True:
                frame = await source.receive()
                try:
                    async with asyncio.timeout(self._send_s):
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
                except TimeoutError:
                    if isinstance(target, ExplainingWebSocket):
                        target.abort()
                    break
        return None


async def leave(node: aiohttp.ClientWebSocketResponse, code: int) -> None:
    """Close a socket at another node, within a moment; one that is closed stays as it is."""
    try:
        async with asyncio.timeout(LEAVE_S):
            await node.close(code=code)
    except TimeoutError:
        log.debug("another node did not answer the close of a socket")
    except asyncio.CancelledError:
        if is_cancelled():
            raise
