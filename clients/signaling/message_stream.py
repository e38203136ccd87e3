"""Signaling without a WebSocket: messages come by an event stream, and each of ours goes by a request."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp

from clients.signaling.connection import Connection, Message, Refused, SocketLost, Unreachable, parse, refusal

SILENCE_S = 20.0
"""A stream that brings nothing for this time is lost: the server sends a ping every 10 s."""
POST_TIMEOUT_S = 5.0
EXPLAIN_S = 1.0
"""Time that the stream has to say why a request was refused."""
MAX_EVENT_BYTES = 1 << 20


class MessageStream(Connection):
    """One event stream, and the requests that name it. `address` is that of the session's messages.

    Its connections are its own: after a change of network, those of a stream before lead nowhere.
    """

    def __init__(self, address: str, token: str, tls: bool | ssl.SSLContext) -> None:
        super().__init__()
        self._address = address
        self._token = token
        self._tls = tls
        self._http = aiohttp.ClientSession(read_bufsize=MAX_EVENT_BYTES // 2)
        self._answer: aiohttp.ClientResponse | None = None
        self._name = ""
        self._posting = asyncio.Lock()
        """Held while a request is on its way: each waits for the one before, so they arrive in order."""
        self._spoke = True  # since the last ping

    async def open(self) -> None:
        """Open the stream. Raises Refused or Unreachable."""
        limit = aiohttp.ClientTimeout(total=None)
        try:
            answer = self._answer = await self._http.get(
                self._address, headers=self._headers, ssl=self._tls, timeout=limit
            )
            if answer.status != 200:
                raise await self._refusal(answer)
            event = await self._event()
        except (aiohttp.ClientError, OSError, SocketLost, UnicodeDecodeError) as error:
            raise Unreachable(f"{self._address}: {error or type(error).__name__}") from error
        opened = parse(event.get("data", ""))
        if event.get("event") != "opened" or opened is None or "stream" not in opened:
            raise Unreachable(f"{self._address} is no stream of messages")
        self._name = str(opened["stream"])

    async def send(self, message: Message) -> None:
        self._spoke = True
        async with self._posting:
            if self._http.closed:  # while the one before was on its way
                raise SocketLost(None, "the stream is closed")
            limit = aiohttp.ClientTimeout(total=POST_TIMEOUT_S)
            try:
                async with self._http.post(
                    self._address, params={"stream": self._name}, json=message, headers=self._headers, ssl=self._tls,
                    timeout=limit,
                ) as answer:  # fmt: skip
                    status = answer.status
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self.abort()
                raise SocketLost(None, f"a message was not taken: {error or type(error).__name__}") from error
        if status >= 400:
            asyncio.get_running_loop().call_later(EXPLAIN_S, self.abort)  # unless the stream says why, and ends

    async def close(self) -> None:
        if self._answer is not None:
            self._answer.close()
        await self._http.close()

    async def _receive_text(self) -> str:
        while True:
            event = await self._event()
            data = event.get("data", "")
            if event.get("event") == "close":
                closed = parse(data) or {}
                raise SocketLost(closed.get("code"))
            if data:
                message = parse(data)
                if message and message.get("type") == "session_joined":
                    self._token = str(message.get("resumeToken") or self._token)  # an access token may expire
                return data

    async def _event(self) -> dict[str, str]:
        """Return the fields of the next event, past comments. Raises SocketLost once nothing more comes."""
        assert self._answer is not None
        while True:
            try:
                async with asyncio.timeout(SILENCE_S):
                    part = (await self._answer.content.readuntil(b"\n\n")).decode()
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                raise SocketLost(None, f"the stream is lost: {error or type(error).__name__}") from error
            if not part.endswith("\n\n"):
                raise SocketLost(None, "the stream has ended")
            if part == ": ping\n\n" and self._name:
                if not self._spoke:
                    await self.send({"type": "heartbeat"})
                self._spoke = False
            if not part.startswith(":"):
                lines = (line.partition(": ") for line in part.split("\n"))
                return {name: value for name, _, value in lines}

    async def _refusal(self, answer: aiohttp.ClientResponse) -> Refused | Unreachable:
        """Return what a status means. A server that is older than streams, and a proxy, answer in their own words."""
        refused = refusal(content := parse(await answer.text()), answer.status)
        if content is None or refused.code == "not_found":
            return Unreachable(f"{self._address} answered {answer.status}")
        return refused

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Cache-Control": "no-store"}

    def _transport_info(self, name: str) -> Any:
        connection = None if self._answer is None else self._answer.connection
        return None if connection is None or connection.transport is None else connection.transport.get_extra_info(name)
