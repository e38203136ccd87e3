"""Decides if a session is this node's: one whose node is gone is taken over, one of another node is refused here."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Protocol

from signaling.refusal import Code, Refusal
from signaling.sessions.directory import Directory, DirectoryAway, Elsewhere, Here, LivesElsewhere, Over, Vacant
from signaling.sessions.registry import SessionRegistry
from signaling.tokens import Grant, ResumeClaims
from storage.records import SessionRecord

log = logging.getLogger(__name__)

AWAY_RETRY_S = 5
"""Time after which who was refused may ask again: a lease is renewed, or runs out, sooner."""

# As `registry.random_id` makes them.
_SESSION_ID = re.compile(r"s_[0-9a-f]{32}")


class Keeper(Protocol):
    """Keeper of the live sessions, as their placing sees it."""

    @property
    def closing(self) -> bool: ...

    def lives(self, session: str) -> bool: ...

    def take(self, record: SessionRecord, unread: str = "") -> None: ...


class Placing:
    """Places of sessions, over a directory."""

    def __init__(self, directory: Directory, keeper: Keeper, registry: SessionRegistry) -> None:
        self._directory = directory
        self._keeper = keeper
        self._registry = registry
        self._taking = asyncio.Lock()

    async def claim(self, session: str, code: str | None = None) -> Here:
        """Reserve a code for a new session, or the one that is given. Raises Refusal `at_capacity`."""
        try:
            return await self._directory.claim(session, code)
        except DirectoryAway:
            raise _away() from None

    async def here(self, session: str, who: Grant | None = None) -> Here | None:
        """Return the place of a session on this node, by its id; None where there is no such live session.

        A code is no id: only `by_code` finds by it, and its caller counts wrong ones. A session whose node is gone is
        taken over where a participant comes back: `who`, as their token says. Raises LivesElsewhere, and Refusal
        `at_capacity` while the directory is away, or for a session whose node is gone.
        """
        if not _SESSION_ID.fullmatch(session):
            return None
        try:
            return await self._place(session, lambda record: who is not None and _takes_part(who, record))
        except LivesElsewhere as elsewhere:
            if who is not None:
                elsewhere.who = session, who.participant if isinstance(who, ResumeClaims) else who.user
            raise

    async def by_code(self, code: str) -> Here | None:
        """Return the place of the live session with a code; None where there is none. Takes over; raises as `here`."""
        return await self._place(code, lambda record: True)

    async def _place(self, name: str, may_take: Callable[[SessionRecord | None], bool]) -> Here | None:
        try:
            place = await self._directory.locate(name)
            if isinstance(place, Vacant) and may_take(place.record):
                place = await self._take_over(place.session)
        except DirectoryAway:
            raise _away() from None
        match place:
            case Elsewhere():
                raise LivesElsewhere(place)
            case Over(ended):
                self._registry.restore((), [ended])
                return None
            case Vacant():
                raise _away()
        return place

    async def _take_over(self, session: str) -> Here | Elsewhere | Vacant | Over | None:
        """Take a vacant session over, once for all who ask for it at the same time. Return its place afterwards."""
        if self._keeper.closing:
            raise Refusal(Code.AT_CAPACITY, "the server is shutting down", retry_after=1)
        async with self._taking:
            if not self._keeper.lives(session):
                taken = await self._directory.take_over(session)
                if taken is not None:
                    log.info("session taken over", extra={"session": session})
                    self._keeper.take(taken.record, taken.unread)
            return await self._directory.locate(session)


def _takes_part(who: Grant, record: SessionRecord | None) -> bool:
    if record is None:  # whoever takes it over drops it, or has done so already and heard no answer
        return True
    if isinstance(who, ResumeClaims):
        return who.session == record.id and record.participant(who.participant) is not None
    return record.of_user(who.user) is not None


def _away() -> Refusal:
    return Refusal(Code.AT_CAPACITY, "the servers can't find each other just now", retry_after=AWAY_RETRY_S)
