"""Usage of each user in each session, added up in the database."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.records import Usage
from storage.accounts.tables import usage
from storage.accounts.upserts import insert_into

COUNTS = (usage.c.heard_ms, usage.c.spoken_ms, usage.c.characters)


class SqlUsage:
    """Usage in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: str, user: str, used: Usage) -> None:
        async def work(connection: AsyncConnection) -> None:
            fresh = insert_into(connection, usage).values(session_id=session, user_id=user, **asdict(used))
            sums = {count.name: count + fresh.excluded[count.name] for count in COUNTS}
            await connection.execute(
                fresh.on_conflict_do_update(index_elements=[usage.c.session_id, usage.c.user_id], set_=sums)
            )

        await self._database.write(work)

    async def of_user(self, user: str) -> Usage:
        async def work(connection: AsyncConnection) -> Usage:
            sums = select(*(func.coalesce(func.sum(count), 0) for count in COUNTS)).where(usage.c.user_id == user)
            return Usage(*map(int, (await connection.execute(sums)).one()))

        return await self._database.read(work)

    async def of_session(self, session: str) -> dict[str, Usage]:
        async def work(connection: AsyncConnection) -> dict[str, Usage]:
            found = select(usage.c.user_id, *COUNTS).where(usage.c.session_id == session)
            return {user: Usage(*counts) for user, *counts in await connection.execute(found)}

        return await self._database.read(work)
