"""A client that signals without a WebSocket, written from the wire protocol alone: an event stream, and requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp

from tests.kit.contract import check_answer, check_socket

from .client import Client, Refused, Signal
from .inbox import Message

LOST = 1006
SILENT_S = 20.0
"""A stream that brings nothing for this time is lost."""
PING = ": ping"


class Stream(Signal):
    """One event stream, and the requests that name it."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.name = ""
        self.opened = asyncio.Event()
        self._client = client
        self._path = f"/api/v1/sessions/{client.session_id}/messages"
        self._code: int | None = None
        self._answer: aiohttp.ClientResponse | None = None
        self._in_order = asyncio.Lock()
        self._has_spoken = True  # since the last ping

    async def open(self) -> None:
        """Ask for the stream. Raises Refused."""
        answer = await self._client.http.get(
            self._client.base_url + self._path, headers=self._bearer, timeout=aiohttp.ClientTimeout(total=None)
        )
        body = await answer.json() if answer.status != 200 else None
        check_answer("GET", self._path, answer.status, body, answer.content_type)
        if answer.status != 200:
            raise Refused(answer.status, body, dict(answer.headers))
        self._answer = answer

    async def read(self) -> None:
        """Collect messages until the stream ends."""
        try:
            async for event, data in self._events():
                if event == "opened":
                    self.name = json.loads(data)["stream"]
                    self.opened.set()
                elif event == "close":
                    self._code = json.loads(data)["code"]
                elif event == "message":
                    message: Message = json.loads(data)
                    check_socket(message)
                    self.inbox.put(message)
        except (aiohttp.ClientError, Refused, TimeoutError):
            pass
        self._closed.set()

    async def _events(self) -> AsyncIterator[tuple[str, str]]:
        """Yield (name, data) of each event (WHATWG HTML, 9.2.6)."""
        name, data = "", list[str]()
        while raw := await self._line():
            line = raw.decode().rstrip("\r\n")
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                if data:
                    yield name or "message", "\n".join(data)
                name, data = "", []
            elif line == PING:
                if not self._has_spoken:
                    await self.send("heartbeat")
                self._has_spoken = False
            elif field == "event":
                name = value
            elif field == "data":
                data.append(value)

    async def _line(self) -> bytes:
        assert self._answer is not None
        async with asyncio.timeout(SILENT_S):
            return await self._answer.content.readline()

    async def send_text(self, text: str) -> None:
        """Send a message behind those before it. Raises Refused."""
        self._has_spoken = True
        async with self._in_order:
            reply = await self._client.raw("POST", f"{self._path}?stream={self.name}", text.encode(), token=self._token)
        assert (reply.status, reply.body) == (202, "")

    async def close(self) -> None:
        if self._answer is not None:
            self._answer.close()

    async def close_code(self, *, timeout: float = 10.0) -> int | None:
        async with asyncio.timeout(timeout):
            await self._closed.wait()
        return LOST if self._code is None else self._code

    @property
    def _token(self) -> str:
        return self._client.resume_token or self._client.token

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


class StreamingClient(Client):
    """One user with one session, who signals by streams."""

    async def open(self) -> Stream:
        stream = Stream(self)
        await stream.open()
        self._begin(stream)
        async with asyncio.timeout(10):
            await stream.opened.wait()
        return stream
