"""Directory of live sessions: their codes, and the node on which each of them lives.

A server of several nodes gives an implementation that they share. LocalDirectory is that of a single process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Here:
    """Place of a session that lives on this node."""

    session: str
    code: str
    """Empty for a session that nobody can join."""
    websocket_url: str | None = None
    """This node's own WebSocket; None if clients use the host of their request."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Place of a session that lives on another node, whose WebSocket is at `websocket_url`."""

    websocket_url: str


Place: TypeAlias = Here | Elsewhere


class Directory(Protocol):
    """Places of the live sessions of all nodes."""

    async def claim(self, session: str, code: str | None = None) -> Here:
        """Reserve a code that no live session has, for `session` on this node.

        `code` is the one that the session had before a restart of this node; None for a new session. An empty one
        reserves no code: the session can be found by its id only.
        """
        ...

    async def locate(self, name: str) -> Place | None:
        """Return the place of a live session by its code or its id; None where there is no such session."""
        ...

    def release(self, session: str) -> None:
        """Free the session's code and forget its place. Neither blocks nor raises; again is nothing."""
        ...


def random_code(digits: int = 6) -> str:
    """Return decimal digits from the system's CSPRNG."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


class LocalDirectory:
    """Directory of one process, in its memory."""

    def __init__(self, random_code: Callable[[], str] = random_code) -> None:
        self._random_code = random_code
        self._places: dict[str, Here] = {}
        """By session id, and by code."""

    async def claim(self, session: str, code: str | None = None) -> Here:
        place = Here(session, self._unused_code() if code is None else code)
        self._places[session] = place
        if place.code:
            self._places[place.code] = place
        return place

    async def locate(self, name: str) -> Place | None:
        return self._places.get(name)

    def release(self, session: str) -> None:
        place = self._places.pop(session, None)
        if place is not None and place.code:
            del self._places[place.code]

    def _unused_code(self) -> str:
        # A server holds far fewer sessions than there are codes, a million at least: this ends at once.
        while (code := self._random_code()) in self._places:
            pass
        return code
