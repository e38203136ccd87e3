"""Calls that took place: who took part, for how long, and how it went. No word of what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, cast, delete, exists, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.columns import Number
from storage.accounts.database import Database
from storage.accounts.expiry import delete_all
from storage.accounts.records import Call, CallParticipant
from storage.accounts.tables import call_sessions, data_keys, participants, session_metrics, users
from storage.accounts.upserts import insert_into

DAY_MS = 86_400_000
LONGEST_CALL_MS = 8 * DAY_MS
"""Age from which a call without an end is not running any more: sessions end within a week."""


class SqlCalls:
    """Calls in the database. A participant whose account was deleted meanwhile stays without name and user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, call: Call) -> None:
        async def work(connection: AsyncConnection) -> None:
            row = {
                "id": call.session,
                "created_at": call.created_at,
                "started_at": call.started_at,
                "ended_at": call.ended_at,
                "reason": call.reason,
            }
            await connection.execute(
                insert_into(connection, call_sessions)
                .values(row)
                .on_conflict_do_update(index_elements=[call_sessions.c.id], set_=row)
            )
            await _replace_participants(connection, call)
            await connection.execute(delete(session_metrics).where(session_metrics.c.session_id == call.session))
            if call.metrics:
                await connection.execute(
                    insert(session_metrics).values(session_id=call.session, metrics=dict(call.metrics))
                )

        await self._database.write(work)

    async def get(self, session: str) -> Call | None:
        async def work(connection: AsyncConnection) -> Call | None:
            found = await _calls(connection, [session])
            return found[0] if found else None

        return await self._database.read(work)

    async def of_user(self, user: str, limit: int, offset: int) -> tuple[list[Call], int]:
        theirs = call_sessions.c.id.in_(select(participants.c.session_id).where(participants.c.user_id == user))
        newest = call_sessions.c.created_at.desc(), call_sessions.c.id.desc()

        async def work(connection: AsyncConnection) -> tuple[list[Call], int]:
            if not user:  # the mark of deleted accounts is nobody's id
                return [], 0
            total = await connection.scalar(select(func.count()).select_from(call_sessions).where(theirs))
            chosen = select(call_sessions.c.id).where(theirs).order_by(*newest).limit(limit).offset(offset)
            return await _calls(connection, (await connection.scalars(chosen)).all()), total or 0

        return await self._database.read(work)

    async def expire(self, now: int, longest_ms: int) -> int:
        ended = func.coalesce(call_sessions.c.ended_at, call_sessions.c.created_at + LONGEST_CALL_MS)
        wish = cast(users.c.retention_days, Number) * literal(DAY_MS, Number)
        unwanted = exists().where(
            participants.c.session_id == call_sessions.c.id, users.c.id == participants.c.user_id, ended < now - wish
        )
        history = exists().where(data_keys.c.session_id == call_sessions.c.id)
        too_old = or_(ended < now - longest_ms, unwanted.correlate(call_sessions))
        return await delete_all(self._database, call_sessions, and_(too_old, ~history.correlate(call_sessions)))


async def _replace_participants(connection: AsyncConnection, call: Call) -> None:
    erased = set(
        await connection.scalars(
            select(participants.c.participant).where(
                participants.c.session_id == call.session, participants.c.user_id == ""
            )
        )
    )
    await connection.execute(delete(participants).where(participants.c.session_id == call.session))
    rows = [
        {
            "session_id": call.session,
            "participant": one.participant,
            "position": position,
            "user_id": "" if one.participant in erased else one.user,
            "name": "" if one.participant in erased else one.name,
            "language": one.language,
        }
        for position, one in enumerate(call.participants)
    ]
    if rows:
        await connection.execute(insert(participants), rows)


async def _calls(connection: AsyncConnection, sessions: Sequence[str]) -> list[Call]:
    """Return the calls of these sessions, in the same order; those that are not there are left out."""
    if not sessions:
        return []
    people: dict[str, list[CallParticipant]] = defaultdict(list)
    for row in await connection.execute(
        select(participants).where(participants.c.session_id.in_(sessions)).order_by(participants.c.position)
    ):
        people[row.session_id].append(CallParticipant(row.participant, row.user_id, row.name, row.language))
    found = {}
    for row in await connection.execute(
        select(call_sessions, session_metrics.c.metrics)
        .outerjoin(session_metrics, session_metrics.c.session_id == call_sessions.c.id)
        .where(call_sessions.c.id.in_(sessions))
    ):
        found[row.id] = Call(
            row.id, row.created_at, row.started_at, row.ended_at, row.reason, tuple(people[row.id]), row.metrics or {}
        )
    return [found[session] for session in sessions if session in found]
