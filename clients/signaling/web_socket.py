"""A WebSocket over which a client signals."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from clients.signaling.connection import Connection, Message, SocketLost


class Socket(Connection):
    """One WebSocket that is open."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__()
        self._socket = socket

    async def send(self, message: Message) -> None:
        if self._socket.closed:
            raise SocketLost(self._socket.close_code)
        try:
            await self._socket.send_str(json.dumps(message))
        except (aiohttp.ClientError, OSError) as error:
            raise SocketLost(self._socket.close_code, str(error)) from error

    async def close(self) -> None:
        await self._socket.close()

    async def _receive_text(self) -> str:
        while True:
            received = await self._socket.receive()
            if received.type is aiohttp.WSMsgType.TEXT:
                return str(received.data)
            if received.type is not aiohttp.WSMsgType.BINARY:
                raise SocketLost(self._socket.close_code)

    def _transport_info(self, name: str) -> Any:
        return None if self._socket.closed else self._socket.get_extra_info(name)
