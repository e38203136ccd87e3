"""One answer of server-sent events: each is written whole and in order, pings between them, no reader holds it up."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress

from aiohttp import hdrs, web

MEDIA_TYPE = "text/event-stream"
PING_EVERY_S = 10.0
STALLED_S = 30.0
"""Time for a reader to take what was sent; then the connection is dropped."""
LOOK_EVERY_S = 1.0
"""Time in which a reader that has gone is noticed."""
STREAMED: web.RequestKey[bool] = web.RequestKey("streamed", bool)
"""True for a request whose stream has begun: nothing else can answer it any more."""

# WHATWG HTML, 9.2.6: these end a line of an event stream, and no others do.
_LINE_END = re.compile(r"\r\n|\r|\n")
_UNFIT = re.compile(r"[\r\n\0]")


class EventStream:
    """An event stream (WHATWG HTML, 9.2) to one reader.

    `open` comes first. After that, each method that writes raises ConnectionError once the reader has gone, or has
    taken nothing for `stalled_s`. The bytes that wait to be written are bounded: `send` returns once there is room.
    """

    def __init__(
        self, request: web.Request, *, ping_every_s: float = PING_EVERY_S, stalled_s: float = STALLED_S
    ) -> None:
        self._request = request
        self._ping_every_s = ping_every_s
        self._stalled_s = stalled_s
        # Proxies are not to collect events, nor to change them (nginx; RFC 9111, 5.2.2.6).
        headers = {hdrs.CACHE_CONTROL: "no-store, no-transform", "X-Accel-Buffering": "no"}
        self._response = web.StreamResponse(headers=headers)
        self._response.content_type = MEDIA_TYPE
        self._response.charset = "utf-8"

    def __repr__(self) -> str:
        return f"<EventStream {'gone' if self.gone else 'open' if self._response.prepared else 'new'}>"

    @property
    def response(self) -> web.StreamResponse:
        """The response that the request's handler returns."""
        return self._response

    @property
    def gone(self) -> bool:
        """True once the reader's connection is closed."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    async def open(self, first: bytes = b": open\n\n") -> None:
        """Send the headers, and a first comment: some proxies, and some readers, wait for a byte."""
        self._request[STREAMED] = True
        await self._response.prepare(self._request)
        self._bound_silence()
        await self._write(first)

    async def send(self, data: str, *, id: str | None = None, event: str | None = None) -> None:
        """Send one event. Raises ValueError for an `id` or an `event` that no single line can hold."""
        lines = [f"{name}: {value}" for name, value in (("event", event), ("id", id)) if value is not None]
        if any(_UNFIT.search(line) for line in lines):
            raise ValueError("the id and the name of an event have no line ends")
        lines += [f"data: {line}" for line in _LINE_END.split(data)]
        await self._write(("\n".join(lines) + "\n\n").encode())

    async def ping(self) -> None:
        """Send the comment that keeps proxies from closing a quiet connection."""
        await self._write(b": ping\n\n")

    async def pass_on(self, part: bytes) -> None:
        """Send a part of a stream that another server has written."""
        await self._write(part)

    async def wait_gone(self) -> None:
        """Return once the reader has gone."""
        while not self.gone:  # noqa: ASYNC110 - aiohttp tells no handler of it
            await asyncio.sleep(LOOK_EVERY_S)

    async def keep_alive(self) -> None:
        """Send a ping every `ping_every_s`; return once the reader has gone."""
        with suppress(ConnectionError):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._ping_every_s):
                        await self.wait_gone()
                        return
                await self.ping()

    async def end(self) -> None:
        """End the stream, as its last act. A reader that has gone, or takes nothing, is dropped."""
        try:
            async with asyncio.timeout(self._stalled_s):
                await self._response.write_eof()
        except (ConnectionError, TimeoutError):
            self.abort()

    def abort(self) -> None:
        """Drop the connection; what was not read yet is lost."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _write(self, part: bytes) -> None:
        if self.gone:
            raise ConnectionResetError("the reader has gone")
        try:
            async with asyncio.timeout(self._stalled_s):
                await self._response.write(part)
        except TimeoutError:
            self.abort()
            raise ConnectionResetError("the reader takes nothing") from None

    def _bound_silence(self) -> None:
        """Have TCP close a connection whose other end acknowledges nothing for `stalled_s` (RFC 5482; Linux)."""
        transport = self._request.transport
        raw = transport.get_extra_info("socket") if transport is not None else None
        if raw is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            with suppress(OSError):  # a Unix socket has no TCP
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self._stalled_s * 1000))
