"""Decides if a session is this node's: one whose node is gone is taken over, one of another node is refused here."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from signaling.refusal import Code, Refusal
from signaling.sessions.directory import Directory, DirectoryAway, Elsewhere, Here, LivesElsewhere, Over, Vacant
from signaling.sessions.registry import SessionRegistry
from storage.records import SessionRecord

log = logging.getLogger(__name__)

AWAY_RETRY_S = 5
"""Time after which who was refused may ask again: a lease is renewed, or runs out, sooner."""


class Keeper(Protocol):
    """Keeper of the live sessions, as their placing sees it."""

    @property
    def closing(self) -> bool: ...

    def lives(self, session: str) -> bool: ...

    def take(self, record: SessionRecord) -> None: ...


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

    async def here(self, name: str) -> Here | None:
        """Return the place of a session on this node, by its code or id; None where there is no such live session.

        Raises LivesElsewhere, and Refusal `at_capacity` while the directory is away.
        """
        try:
            place = await self._directory.locate(name)
            if isinstance(place, Vacant):
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
                record = await self._directory.take_over(session)
                if record is not None:
                    log.info("session taken over", extra={"session": session})
                    self._keeper.take(record)
            return await self._directory.locate(session)


def _away() -> Refusal:
    return Refusal(Code.AT_CAPACITY, "the servers can't find each other just now", retry_after=AWAY_RETRY_S)
