"""Directory of live sessions: their codes, and the node on which each of them lives.

Nodes are servers that share their sessions; `nodes.directory` is their directory. LocalDirectory is that of a server
alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from storage.records import EndedRecord, SessionRecord


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
    """Place of a session that lives on another node."""

    node: str
    websocket_url: str | None
    """WebSocket of that node, as clients reach it; None where all nodes have one address, and hand sockets on."""
    node_url: str
    """HTTP of that node, as other nodes reach it."""


@dataclass(frozen=True, slots=True)
class Vacant:
    """Place of a session whose node is gone: the first node that takes it over has it."""

    session: str
    record: SessionRecord | None = field(default=None, compare=False)
    """Its last record; None where it has none that can be read."""


@dataclass(frozen=True, slots=True)
class Over:
    """Place of a session that has ended, on whichever node."""

    ended: EndedRecord


@dataclass(frozen=True, slots=True)
class Taken:
    """A session that was taken over from another process."""

    record: SessionRecord
    unread: str = ""
    """Its subtitles that people may not have yet, as `RoomDriver.unread` wrote them; empty where none were left."""


Place: TypeAlias = Here | Elsewhere | Vacant | Over


class DirectoryAway(Exception):
    """The directory does not answer, or this node's lease has run out: nobody can be let in now."""


class LivesElsewhere(Exception):
    """Raised in a request about a session that another node has.

    `optional`: this node can do it too, if that one does not answer. `who`: the session's id and the person's, as their
    token says; None where none was asked for.
    """

    def __init__(self, place: Elsewhere, *, optional: bool = False) -> None:
        super().__init__(place.node)
        self.place = place
        self.optional = optional
        self.who: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Load of a node, by which new sessions go to the one with the least."""

    share: float
    """Share of its sessions that it has, 0..1."""
    has_room: bool
    """True while it takes new sessions."""
    of_one: float = 0.0
    """Share that one more session takes."""


class Host(Protocol):
    """Keeper of this node's sessions, as the directory sees it."""

    @property
    def load(self) -> Load: ...

    def lives(self, session: str) -> bool:
        """True if a session lives here, or its room is still closing."""
        ...

    def take(self, record: SessionRecord, unread: str = "") -> None:
        """Go on with a session that a node left behind. `unread`: as of `Taken`."""
        ...

    def withdraw_again(self, ended: Sequence[EndedRecord]) -> None:
        """Withdraw from the histories of sessions that another node has ended what their people withdrew."""
        ...

    def rearm(self) -> None:
        """Give everybody who has vanished the whole grace again: they could not come back for a while."""
        ...

    def give_up(self, session: str, websocket_url: str | None) -> None:
        """End this node's copy of a session that another node has; its clients go to `websocket_url`, or come back."""
        ...


class Directory(Protocol):
    """Places of the live sessions of all nodes."""

    @property
    def away(self) -> bool:
        """True while the directory does not answer."""
        ...

    @property
    def admits(self) -> bool:
        """True while sockets may come to this node at all."""
        ...

    @property
    def has_others(self) -> bool:
        """True if another node can take this one's sessions."""
        ...

    @property
    def others_take(self) -> bool:
        """True if another node at the same address takes new sessions."""
        ...

    def attend(self, host: Host) -> None:
        """Take the keeper of this node's sessions, before all else."""
        ...

    def lighter(self) -> Elsewhere | None:
        """Return the node that a new session should go to; None for this one."""
        ...

    async def claim(self, session: str, code: str | None = None) -> Here:
        """Reserve a code that no live session has, for `session` on this node. Raises DirectoryAway.

        `code` is the one that the session had before a restart of this node; None for a new session. An empty one
        reserves no code: the session can be found by its id only.
        """
        ...

    async def locate(self, name: str) -> Place | None:
        """Return the place of a session by its code or its id; None where there is none. Raises DirectoryAway."""
        ...

    async def take_over(self, session: str) -> Taken | None:
        """Take a vacant session. Return it; None where another node was quicker. Raises DirectoryAway."""
        ...

    def release(self, session: str) -> None:
        """Free the session's code and forget its place. Neither blocks nor raises; a second call does nothing."""
        ...

    async def leave(self, unread: Mapping[str, str]) -> Sequence[str]:
        """Give up all sessions for others to take. Return the WebSockets of nodes that do, least loaded first.

        `unread`: of each session that has some, as of `Taken`.
        None of them has one of its own where all nodes have one address.
        """
        ...


def random_code(digits: int = 6) -> str:
    """Return decimal digits from the system's CSPRNG."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


class LocalDirectory:
    """Directory of a server alone, in its memory."""

    away = False
    admits = True
    has_others = False
    others_take = False

    def __init__(self, random_code: Callable[[], str] = random_code) -> None:
        self._random_code = random_code
        self._places: dict[str, Here] = {}
        """By session id, and by code."""

    def attend(self, host: Host) -> None:
        """Do nothing: no other node is there."""

    def lighter(self) -> Elsewhere | None:
        """Return None: no other node is there."""
        return None

    async def claim(self, session: str, code: str | None = None) -> Here:
        place = Here(session, self._unused_code() if code is None else code)
        self._places[session] = place
        if place.code:
            self._places[place.code] = place
        return place

    async def locate(self, name: str) -> Place | None:
        return self._places.get(name)

    async def take_over(self, session: str) -> Taken | None:
        """Return None: no session is vacant."""
        return None

    def release(self, session: str) -> None:
        place = self._places.pop(session, None)
        if place is not None and place.code:
            del self._places[place.code]

    async def leave(self, unread: Mapping[str, str]) -> Sequence[str]:
        """Return nothing: no other node is there."""
        return ()

    def _unused_code(self) -> str:
        # A server holds far fewer sessions than there are codes, a million at least: this ends at once.
        while (code := self._random_code()) in self._places:
            pass
        return code
