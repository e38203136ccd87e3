"""Names of things that may be used once: the first INSERT of a name wins."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.expiry import delete_some
from storage.accounts.tables import used_names
from storage.accounts.upserts import insert_into


class SqlOneTime:
    """Used names in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def use(self, name: str, now: int, expires_at: int) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            await delete_some(connection, used_names, used_names.c.expires_at <= now)
            first = (
                insert_into(connection, used_names)
                .values(name=name, expires_at=expires_at)
                .on_conflict_do_update(
                    index_elements=[used_names.c.name],
                    set_={"expires_at": expires_at},
                    where=used_names.c.expires_at <= now,
                )
            )
            return (await connection.execute(first)).rowcount == 1

        return await self._database.write(work)
