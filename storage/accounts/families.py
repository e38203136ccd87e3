"""Chains of refresh tokens: a token is exchanged once, and a second time ends its chain."""

from __future__ import annotations

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.expiry import delete_some
from storage.accounts.ports import Reused
from storage.accounts.records import Rotation, User
from storage.accounts.tables import refresh_families as families
from storage.accounts.tables import refresh_tokens as tokens
from storage.accounts.tables import users
from storage.accounts.users import COLUMNS as USER_COLUMNS


class SqlRefreshFamilies:
    """Families in the database. One that is dead has no rows any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, family: str, user: User, token: bytes, now: int, expires_at: int) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            # Locked: whoever changes the row at once with this either is seen here, or finds the family and ends it.
            found = select(users.c.password_hash, users.c.locked).where(users.c.id == user.id)
            row = (await connection.execute(found.with_for_update(read=True))).first()
            if row is None or row.locked or row.password_hash != user.password_hash:
                return False
            await connection.execute(
                insert(families).values(id=family, user_id=user.id, begun_at=now, expires_at=expires_at)
            )
            await connection.execute(insert(tokens).values(hash=token, family_id=family, expires_at=expires_at))
            await delete_some(connection, families, families.c.expires_at <= now)
            return True

        return await self._database.write(work)

    async def rotate(self, old: bytes, new: bytes, now: int, expires_at: int) -> Rotation | None:
        async def work(connection: AsyncConnection) -> Rotation | Reused | None:
            family = await _family_of(connection, old)
            if family is None:
                return None
            token = (await connection.execute(select(tokens).where(tokens.c.hash == old))).first()
            if token is None or token.expires_at <= now:
                return None
            if token.used_at is not None:
                await connection.execute(delete(families).where(families.c.id == family.id))
                return Reused(family.user_id, family.id)
            owner = (await connection.execute(select(*USER_COLUMNS).where(users.c.id == family.user_id))).first()
            if owner is None or owner.locked:
                return None
            await connection.execute(update(tokens).where(tokens.c.hash == old).values(used_at=now))
            await connection.execute(delete(tokens).where(tokens.c.family_id == family.id, tokens.c.expires_at <= now))
            await connection.execute(insert(tokens).values(hash=new, family_id=family.id, expires_at=expires_at))
            await connection.execute(update(families).where(families.c.id == family.id).values(expires_at=expires_at))
            return Rotation(User(*owner), family.id)

        outcome = await self._database.write(work)
        if isinstance(outcome, Reused):  # raised here: the end of the family is committed
            raise outcome
        return outcome

    async def end(self, token: bytes) -> str | None:
        async def work(connection: AsyncConnection) -> str | None:
            family = await _family_of(connection, token)
            if family is None:
                return None
            await connection.execute(delete(families).where(families.c.id == family.id))
            return str(family.user_id)

        return await self._database.write(work)


async def _family_of(connection: AsyncConnection, token: bytes) -> Row[str, str] | None:
    """Return (id, user_id) of the token's family, locked: of two rotations at once the second one waits here."""
    family = select(tokens.c.family_id).where(tokens.c.hash == token).scalar_subquery()
    found = select(families.c.id, families.c.user_id).where(families.c.id == family).with_for_update()
    return (await connection.execute(found)).first()
