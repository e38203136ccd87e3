"""Failed attempts to sign in, counted in one statement: those that come at once are all counted."""

from __future__ import annotations

from sqlalchemy import and_, case, delete, literal, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.columns import Number
from storage.accounts.database import Database
from storage.accounts.expiry import delete_some
from storage.accounts.tables import sign_in_failures as failures
from storage.accounts.upserts import insert_into

REMEMBERED_MS = 30 * 86_400_000
"""Time after which the failures of an address that failed no more are forgotten."""


class SqlSignIns:
    """Failures in the database. After a lock, counting begins anew; a failure during one does not prolong it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def locked_until(self, address: bytes, now: int) -> int | None:
        async def work(connection: AsyncConnection) -> int | None:
            return await connection.scalar(
                select(failures.c.locked_until).where(failures.c.address == address, failures.c.locked_until > now)
            )

        return await self._database.read(work)

    async def fail(self, address: bytes, now: int, most: int, lock_ms: int) -> int | None:
        lock_end = literal(now + lock_ms, Number)
        running = failures.c.locked_until > now
        over = and_(failures.c.locked_until.is_not(None), failures.c.locked_until <= now)
        count = case((running, failures.c.failures), (over, 1), else_=failures.c.failures + 1)

        async def work(connection: AsyncConnection) -> int | None:
            await delete_some(connection, failures, failures.c.last_at <= now - REMEMBERED_MS)
            counted = (
                insert_into(connection, failures)
                .values(address=address, failures=1, locked_until=now + lock_ms if most <= 1 else None, last_at=now)
                .on_conflict_do_update(
                    index_elements=[failures.c.address],
                    set_={
                        "failures": count,
                        "locked_until": case(
                            (running, failures.c.locked_until), (count >= most, lock_end), else_=null()
                        ),
                        "last_at": now,
                    },
                )
                .returning(failures.c.locked_until)
            )
            end: int | None = (await connection.execute(counted)).scalar_one()
            return end

        return await self._database.write(work)

    async def succeed(self, address: bytes) -> None:
        await self._database.write(
            lambda connection: connection.execute(delete(failures).where(failures.c.address == address))
        )
