"""Shortens the time for which entries of histories are kept, a few calls at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.tables import data_keys, participants, translations

CALLS_AT_ONCE = 20
"""Calls of one transaction: other writers wait for it on SQLite."""


async def shorten(database: Database, longest_ms: int, user: str | None = None) -> int:
    """Let every entry expire `longest_ms` after it was kept, or sooner. Return the number of entries that changed.

    With a `user` only entries of calls that the user took part in. Other writers get their turns in between.
    """
    changed, last = 0, ""
    while sessions := await _sessions(database, last, user):
        changed += await _shorten(database, longest_ms, sessions)
        last = sessions[-1]
    return changed


async def _sessions(database: Database, last: str, user: str | None) -> Sequence[str]:
    """Return the next sessions with a history behind `last`."""
    chosen = select(data_keys.c.session_id).where(data_keys.c.session_id > last)
    if user is not None:
        theirs = select(participants.c.session_id).where(participants.c.user_id == user)
        chosen = chosen.where(data_keys.c.session_id.in_(theirs))
    ordered = chosen.order_by(data_keys.c.session_id).limit(CALLS_AT_ONCE)

    async def work(connection: AsyncConnection) -> Sequence[str]:
        return (await connection.scalars(ordered)).all()

    return await database.read(work)


async def _shorten(database: Database, longest_ms: int, sessions: Sequence[str]) -> int:
    soonest = translations.c.kept_at + longest_ms
    too_late: ColumnElement[bool] = translations.c.expires_at > soonest
    theirs = translations.c.session_id.in_(sessions)

    async def look(connection: AsyncConnection) -> bool:
        return await connection.scalar(select(translations.c.session_id).where(theirs, too_late).limit(1)) is not None

    async def work(connection: AsyncConnection) -> int:
        changed = await connection.execute(update(translations).where(theirs, too_late).values(expires_at=soonest))
        return changed.rowcount

    return await database.write(work) if await database.read(look) else 0
