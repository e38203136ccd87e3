"""Carrier of one client's messages: what a connection needs of a WebSocket, or of an event stream with requests."""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol, TypeAlias

from aiohttp import web


class Sign(Enum):
    """Thing from a client that is no message."""

    PING = auto()
    """The carrier has answered it."""
    PONG = auto()
    OVERSIZE = auto()
    """A message that is too long to be read."""


Received: TypeAlias = str | bytes | Sign
"""A text, bytes that are none, or a sign."""


class Carrier(Protocol):
    """Carries messages to one client and from it.

    `open` comes first, and `end` last. `send` and `ping` raise ConnectionError once the client has gone.
    """

    owner: str | None
    """The only participant who may join by this carrier; None where the token of `join_session` alone decides."""
    messages_show_life: bool
    """True where a client has no pongs: any message answers a ping."""

    @property
    def response(self) -> web.StreamResponse:
        """The response that the request's handler returns."""
        ...

    async def open(self) -> None:
        """Answer the client's request, so that messages can go both ways."""
        ...

    async def receive(self) -> Received | None:
        """Return the next thing that comes from the client; None once nothing more can come."""
        ...

    async def send(self, text: str) -> None:
        """Send a message. Returns when there is room for more."""
        ...

    async def ping(self) -> None:
        """Send a sign of life."""
        ...

    async def end(self, code: int | None) -> None:
        """Tell the close `code` and end, within a moment; with None drop a client that does not read."""
        ...
