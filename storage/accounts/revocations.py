"""Users whose older access tokens are dead."""

from __future__ import annotations

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.expiry import delete_some
from storage.accounts.tables import revocations
from storage.accounts.upserts import insert_into

REMEMBERED_MS = 86_400_000
"""Age at which a revocation is forgotten: no access token lives nearly as long."""


class SqlRevocations:
    """Revocations in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revoke(self, user: str, before: int) -> None:
        await self._database.write(lambda connection: note_revocation(connection, user, before))

    async def since(self, moment: int) -> dict[str, int]:
        async def work(connection: AsyncConnection) -> dict[str, int]:
            found = select(revocations.c.user_id, revocations.c.before).where(revocations.c.before >= moment)
            return {row.user_id: row.before for row in await connection.execute(found)}

        return await self._database.read(work)


async def note_revocation(connection: AsyncConnection, user: str, before: int) -> None:
    """Note a revocation within a transaction."""
    await delete_some(connection, revocations, revocations.c.before <= before - REMEMBERED_MS)
    fresh = insert_into(connection, revocations).values(user_id=user, before=before)
    later = case((fresh.excluded.before > revocations.c.before, fresh.excluded.before), else_=revocations.c.before)
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=[revocations.c.user_id], set_={"before": later})
    )
