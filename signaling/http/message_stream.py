"""Carries messages without a WebSocket: to the client by an event stream, from it by a request for each message."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

from signaling.carrier import Received
from signaling.config import SignalingOptions
from signaling.http.event_stream import LOOK_EVERY_S, EventStream
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import Member
from signaling.tokens import Grant, ResumeClaims

MAX_INBOX = 32
"""Messages that may wait to be handled."""
MAX_READING = 8
"""Requests whose bodies are read at a time. A client needs one, or some if it does not wait for the answer."""


class MessageStream:
    """Carrier over the event stream that `request` asks for, and the requests that name it by its `id`."""

    messages_show_life = True

    def __init__(self, request: web.Request, options: SignalingOptions, member: Member) -> None:
        self.id = f"m_{secrets.token_hex(16)}"
        self.owner: str | None = member.person.id
        self._session, self._user = member.record.id, member.person.user
        self._events = EventStream(request)
        self._close_s = options.close_handshake_s
        self._inbox: deque[Received] = deque()  # bounded by MAX_INBOX, in `take`
        self._wake_reader = asyncio.Event()
        self._reading = 0

    def __repr__(self) -> str:
        return f"<MessageStream {self._events!r}, {len(self._inbox)} to handle>"

    @property
    def response(self) -> web.StreamResponse:
        return self._events.response

    def is_of(self, session: str, grant: Grant) -> bool:
        """True if `grant` names the participant of `session` who opened this stream."""
        if isinstance(grant, ResumeClaims):
            return (grant.session, grant.participant) == (self._session, self.owner) and session == self._session
        return (session, grant.user) == (self._session, self._user)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read a request inside. Raises Refusal `rate_limited` where too many are read already."""
        if self._reading >= MAX_READING:
            raise _too_fast()
        self._reading += 1
        try:
            yield
        finally:
            self._reading -= 1

    def take(self, received: Received) -> None:
        """Queue what a request has brought. Raises Refusal `rate_limited` where too much waits already."""
        if len(self._inbox) >= MAX_INBOX:
            raise _too_fast()
        self._inbox.append(received)
        self._wake_reader.set()

    async def open(self) -> None:
        """Send the headers, and the name by which requests find this stream."""
        await self._events.open()
        await self._events.send(json.dumps({"stream": self.id}), event="opened")

    async def receive(self) -> Received | None:
        while not self._inbox:
            if self._events.gone:
                return None
            self._wake_reader.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake_reader.wait()
        return self._inbox.popleft()

    async def send(self, text: str) -> None:
        await self._events.send(text)

    async def ping(self) -> None:
        await self._events.ping()

    async def end(self, code: int | None) -> None:
        if not self.response.prepared:
            return
        if code is None:
            self._events.abort()
            return
        try:
            async with asyncio.timeout(self._close_s):
                await self._events.send(json.dumps({"code": code}), event="close")
                await self._events.end()
        except (ConnectionError, TimeoutError):
            self._events.abort()


def _too_fast() -> Refusal:
    return Refusal(Code.RATE_LIMITED, "messages come faster than they are handled", retry_after=1)
