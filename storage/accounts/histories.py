"""Histories: sealed entries, and the wrapped key of each session, without which they say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Insert, Row, Table, and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.calls import LONGEST_CALL_MS
from storage.accounts.database import Database
from storage.accounts.expiry import delete_all
from storage.accounts.records import DataKey, SealedEntry
from storage.accounts.shortening import shorten
from storage.accounts.tables import call_sessions, data_keys, participants, translations
from storage.accounts.upserts import insert_into

AT_ONCE = 200
"""Rows that are turned into entries in one go: the event loop has frames to send in between."""

IN_ORDER = (translations.c.start_ms, translations.c.utterance, translations.c.segment, translations.c.target)


class SqlHistories:
    """Entries and keys in the database. Entries go with their key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_key(self, key: DataKey) -> None:
        await self._database.write(lambda connection: connection.execute(_added(connection, key)))

    async def key(self, session: str) -> DataKey | None:
        async def work(connection: AsyncConnection) -> DataKey | None:
            row = (await connection.execute(select(data_keys).where(data_keys.c.session_id == session))).first()
            return None if row is None else _data_key(row)

        return await self._database.read(work)

    async def keys_not_wrapped_by(self, key_id: str, limit: int) -> list[DataKey]:
        async def work(connection: AsyncConnection) -> list[DataKey]:
            chosen = select(data_keys).where(data_keys.c.wrapped_by != key_id)
            rows = await connection.execute(chosen.order_by(data_keys.c.session_id).limit(limit))
            return [_data_key(row) for row in rows]

        return await self._database.read(work)

    async def rewrap(self, old: DataKey, new: DataKey) -> bool:
        async def others(connection: AsyncConnection) -> bool:
            left = select(data_keys.c.session_id).where(data_keys.c.wrapped_by == old.wrapped_by).limit(1)
            return await connection.scalar(left) is not None

        async def work(connection: AsyncConnection) -> bool:
            changed = await connection.execute(
                update(data_keys)
                .where(
                    data_keys.c.session_id == old.session,
                    data_keys.c.wrapped_by == old.wrapped_by,
                    data_keys.c.wrapped == old.wrapped,
                )
                .values(wrapped_by=new.wrapped_by, wrapped=new.wrapped)
            )
            return changed.rowcount == 1

        changed = await self._database.write(work)
        if changed and not await self._database.read(others):  # the last one: what was wrapped before goes
            await self._database.erase()
        return changed

    async def keep(self, entries: Sequence[SealedEntry], fresh: DataKey | None = None) -> frozenset[str]:
        async def work(connection: AsyncConnection) -> frozenset[str]:
            if fresh is not None:
                await connection.execute(_added(connection, fresh))
            sessions = sorted({entry.session for entry in entries})
            keyed = select(data_keys).where(data_keys.c.session_id.in_(sessions))
            in_order = keyed.order_by(data_keys.c.session_id).with_for_update(read=True, key_share=True)
            keys = [_data_key(row) for row in await connection.execute(in_order)]
            known = frozenset(
                key.session for key in keys if fresh is None or key == fresh or key.session != fresh.session
            )
            # A deletion has waited for this transaction, or this one for the deletion: then it is seen here.
            nameless = select(participants.c.session_id, participants.c.participant).where(
                participants.c.session_id.in_(sessions), participants.c.user_id == ""
            )
            deleted = {(session, source) for session, source in await connection.execute(nameless)}
            rows = [_row(one) for one in entries if one.session in known and (one.session, one.source) not in deleted]
            if not rows:
                return known
            inserted = insert_into(connection, translations)
            key = list(translations.primary_key.columns)
            rest = {one.name: inserted.excluded[one.name] for one in translations.c if not one.primary_key}
            await connection.execute(inserted.on_conflict_do_update(index_elements=key, set_=rest), rows)
            return known

        return await self._database.write(work) if entries else frozenset()

    async def entries(
        self, session: str, limit: int | None = None, offset: int = 0, *, now: int = 0
    ) -> tuple[list[SealedEntry], int]:
        theirs = and_(translations.c.session_id == session, translations.c.expires_at > now)

        async def work(connection: AsyncConnection) -> tuple[list[SealedEntry], int]:
            total = await connection.scalar(select(func.count()).select_from(translations).where(theirs))
            chosen = select(translations).where(theirs).order_by(*IN_ORDER).limit(limit).offset(offset)
            kept: list[SealedEntry] = []
            async with connection.stream(chosen) as rows:
                async for part in rows.partitions(AT_ONCE):
                    kept.extend(_entry(row) for row in part)
            return kept, total or 0

        return await self._database.read(work)

    async def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        theirs = and_(translations.c.session_id == session, translations.c.source == participant)
        rows = theirs if until is None else and_(theirs, translations.c.kept_at <= until)
        await self._delete(session, translations, rows)

    async def delete(self, session: str) -> None:
        await self._delete(session, data_keys, data_keys.c.session_id == session)

    async def shorten(self, longest_ms: int, user: str | None = None) -> int:
        return await shorten(self._database, longest_ms, user)

    async def expire(self, now: int) -> int:
        deleted = await delete_all(self._database, translations, translations.c.expires_at <= now)
        await delete_all(self._database, data_keys, unused(now))
        return deleted

    async def _delete(self, session: str, table: Table, rows: ColumnElement[bool]) -> None:
        """Delete rows of a session, after those that are being kept are there."""
        key = select(data_keys.c.session_id).where(data_keys.c.session_id == session).with_for_update()

        async def work(connection: AsyncConnection) -> int:
            await connection.execute(key)
            return (await connection.execute(delete(table).where(rows))).rowcount

        # A guest may withdraw again and again: where nothing was deleted, nothing is erased.
        await self._database.write(work, erases=lambda deleted: deleted > 0)


def _added(connection: AsyncConnection, key: DataKey) -> Insert:
    """Return the statement that adds a key where its session has none."""
    values = {"session_id": key.session, "wrapped_by": key.wrapped_by, "wrapped": key.wrapped}
    return insert_into(connection, data_keys).values(values).on_conflict_do_nothing()


def unused(now: int) -> ColumnElement[bool]:
    """Return the condition of data keys without entries, but for those of calls that may run at `now`."""
    # Not NOT IN: PostgreSQL would compare each key with each entry, once these do not fit into its memory.
    used = exists().where(translations.c.session_id == data_keys.c.session_id)
    running = exists().where(
        call_sessions.c.id == data_keys.c.session_id,
        call_sessions.c.ended_at.is_(None),
        call_sessions.c.created_at > now - LONGEST_CALL_MS,
    )
    return and_(~used.correlate(data_keys), ~running.correlate(data_keys))


def _data_key(row: Row[Any]) -> DataKey:
    return DataKey(row.session_id, row.wrapped_by, row.wrapped)


def _entry(row: Row[Any]) -> SealedEntry:
    return SealedEntry(
        session=row.session_id,
        utterance=row.utterance,
        segment=row.segment,
        target=row.target,
        source=row.source,
        start_ms=row.start_ms,
        kept_at=row.kept_at,
        expires_at=row.expires_at,
        sealed=row.sealed,
    )


def _row(entry: SealedEntry) -> dict[str, object]:
    return {
        "session_id": entry.session,
        "utterance": entry.utterance,
        "segment": entry.segment,
        "target": entry.target,
        "source": entry.source,
        "start_ms": entry.start_ms,
        "kept_at": entry.kept_at,
        "expires_at": entry.expires_at,
        "sealed": entry.sealed,
    }
