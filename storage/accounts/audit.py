"""The audit log: what was done or refused, the newest first."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.expiry import delete_all
from storage.accounts.records import AuditEntry
from storage.accounts.tables import audit

COLUMNS = (
    audit.c.at,
    audit.c.event,
    audit.c.outcome,
    audit.c.user_id,
    audit.c.session_id,
    audit.c.client,
    audit.c.details,
)
"""In the order of AuditEntry's fields."""


class SqlAuditLog:
    """The audit log in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: AuditEntry) -> None:
        values = {
            "at": entry.at,
            "event": entry.event,
            "outcome": entry.outcome,
            "user_id": entry.user,
            "session_id": entry.session,
            "client": entry.client,
            "details": dict(entry.details),
        }
        await self._database.write(lambda connection: connection.execute(insert(audit).values(values)))

    async def page(
        self, limit: int, *, user: str | None = None, event: str | None = None, before: int | None = None
    ) -> list[AuditEntry]:
        chosen = select(*COLUMNS).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
        if user is not None:
            chosen = chosen.where(audit.c.user_id == user)
        if event is not None:
            chosen = chosen.where(audit.c.event == event)
        if before is not None:
            chosen = chosen.where(audit.c.at < before)

        async def work(connection: AsyncConnection) -> list[AuditEntry]:
            return [AuditEntry(*row) for row in await connection.execute(chosen)]

        return await self._database.read(work)

    async def expire(self, before: int) -> int:
        return await delete_all(self._database, audit, audit.c.at < before)
