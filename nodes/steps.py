"""Atomic operations by which nodes share sessions: renew a lease, claim a code, find, take over, save, end a session.

Redis stands behind them, or the parent of several processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

UNREAD_MS = 60_000
"""Time for which subtitles are kept that a session's people may not have yet."""


class Away(Exception):
    """No answer came, or a refusal: nobody knows if the step was done. Its text is the reason in words."""


class Result(StrEnum):
    """Outcome of a step."""

    NEW = "new"
    """The name was nobody's, and is this node's now."""
    RENEWED = "renewed"
    TAKEN = "taken"
    """Another process has the name; of a session: it is this node's now."""
    CLAIMED = "claimed"
    USED = "used"
    """Another session has the code."""
    LAPSED = "lapsed"
    """This node's lease has run out."""
    GONE = "gone"
    HELD = "held"
    """Its owner lives, or is this node."""
    LOST = "lost"
    """Another node has it."""
    SAVED = "saved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Located:
    """A live session as the place where nodes meet knows it.

    `facts`: those of its node; None once that is gone, and then there is the session's `record`.
    """

    session: str
    code: str
    node: str
    token: str
    facts: str | None
    record: str


class Steps(Protocol):
    """Steps of the node `name`, whose process is told from earlier ones by `token`.

    Each is atomic for all nodes. Each raises Away.
    """

    name: str
    token: str
    where: str
    """Name of the place where nodes meet, for the log."""

    async def beat(self, facts: str, lease_ms: int) -> tuple[Result, int, Mapping[str, str]]:
        """Take or renew the lease. Return the result, the clock of that place in ms, and the facts of all nodes."""
        ...

    async def leave(self) -> None:
        """Give the lease up, and with it all sessions."""
        ...

    async def claim(self, session: str, code: str) -> Result:
        """Reserve a code, and make the session this node's."""
        ...

    async def locate(self, name: str) -> Located | bytes | Result | None:
        """Return a live session by id or code, the record of one that has ended, or None.

        LAPSED where neither the session nor this node is known: the directory has lost everything.
        """
        ...

    async def take_over(self, session: str) -> tuple[Result, str, bytes, str]:
        """Make a vacant session this node's.

        Return the result, and where it is TAKEN its code, its record, and what `leave_unread` left. That is kept until
        this node's first `save`, for `UNREAD_MS` at the longest: a step whose answer was lost is done again.
        """
        ...

    async def leave_unread(self, session: str, text: str) -> Result:
        """Leave subtitles of a session that is this node's, for `UNREAD_MS`, to whoever takes it over."""
        ...

    async def save(self, session: str, record: str) -> Result:
        """Write the record of a session that is this node's."""
        ...

    async def hold(self, session: str, code: str, record: str) -> tuple[Result, str]:
        """Make sure that a session is this node's. Return HELD, or LOST and the node that has it."""
        ...

    async def end(self, session: str, code: str, record: str, remembered_ms: int, *, withdrawn: bool = False) -> Result:
        """End a session that is this node's. Without a `record` of its end nobody remembers it.

        `withdrawn`: its people have withdrawn from its history, and `withdrawn()` is to return the record.
        """
        ...

    async def withdrawn(self) -> list[str]:
        """Return the records of ended sessions, of any node, whose people have withdrawn from their histories."""
        ...

    async def left_by(self, node: str) -> list[str]:
        """Return the sessions that a node had, those that others have taken over excepted."""
        ...

    async def forget(self, node: str) -> None:
        """Forget a node that left nothing behind."""
        ...
