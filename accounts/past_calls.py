"""Calls that took place, as their participants with accounts see them: lists, search, and all that is kept of one."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.history.reading import HistoryReader
from storage.accounts.ports import AccountStore, Calls
from storage.accounts.records import Call

MOST_SEARCHED = 500
"""Newest calls of a user that a search looks into: each is opened for it."""
AT_ONCE = 50
"""Calls of one look into the database: the event loop has frames to send in between."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of calls."""

    calls: tuple[Call, ...]
    total: int


class PastCalls:
    """Calls of users. All methods raise Unavailable."""

    def __init__(self, store: AccountStore, reader: HistoryReader) -> None:
        self._store = store
        self._reader = reader

    async def get(self, session: str, user: str) -> Call | None:
        """Return a call that the user took part in."""
        call = await self._store.calls.get(session)
        return call if call is not None and takes_part(call, user) else None

    async def page(self, user: str, limit: int, offset: int, query: str = "") -> Found:
        """Return the user's calls, the newest first. With a `query`, those that hold it in a name or in a text."""
        if not query:
            calls, total = await newest_calls(self._store.calls, user, limit, offset)
            # An account that is deleted between two looks of the database leaves a call without it.
            return Found(tuple(one for one in calls if takes_part(one, user)), total)
        calls, _ = await newest_calls(self._store.calls, user, MOST_SEARCHED)
        found = [call for call in calls if takes_part(call, user) and await self._matches(call, query)]
        return Found(tuple(found[offset : offset + limit]), len(found))

    async def _matches(self, call: Call, query: str) -> bool:
        sought = query.casefold()
        if any(sought in one.name.casefold() for one in call.participants):
            return True
        return await self._reader.mentions(call.session, query)


async def newest_calls(calls: Calls, user: str, most: int | None = None, offset: int = 0) -> tuple[list[Call], int]:
    """Return the user's calls behind `offset`, the newest first, each once, and how many there are in all.

    A call that begins between two looks moves the others down: the last call of one look comes again in the next.
    Raises Unavailable.
    """
    found: dict[str, Call] = {}
    looked_at = offset
    while True:
        page, total = await calls.of_user(user, AT_ONCE if most is None else min(AT_ONCE, most - len(found)), looked_at)
        found |= {one.session: one for one in page}
        looked_at += len(page)
        if not page or looked_at >= total or (most is not None and len(found) >= most):
            return list(found.values())[:most], total


def takes_part(call: Call, user: str) -> bool:
    """True if the user is one of the call's participants."""
    return bool(user) and any(one.user == user for one in call.participants)
