"""Users and their accounts with identity providers: an e-mail address and a user name belong to one user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database
from storage.accounts.erasure import erase_user
from storage.accounts.ports import Taken
from storage.accounts.records import Identity, User
from storage.accounts.revocations import note_revocation
from storage.accounts.spelling import name_key
from storage.accounts.tables import identities, refresh_families, refresh_tokens, revocations, users
from storage.accounts.upserts import insert_into

COLUMNS = [users.c[one.name] for one in fields(User)]


class SqlUsers:
    """Users in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User, identity: Identity | None = None) -> None:
        async def work(connection: AsyncConnection) -> None:
            await _check_free(connection, user)
            await connection.execute(insert(users).values(**asdict(user), username_key=name_key(user.username)))
            if identity is not None:
                await _give(connection, identity)

        await self._database.write(work)

    async def get(self, user: str) -> User | None:
        return await self._one(users.c.id == user)

    async def by_email(self, email: str) -> User | None:
        return await self._one(users.c.email == email)

    async def change(self, user: str, alter: Callable[[User], User]) -> User | None:
        return await self._database.write(lambda connection: _change(connection, user, alter))

    async def change_and_sign_out(
        self, user: str, alter: Callable[[User], User], now: Callable[[], int]
    ) -> tuple[User, int] | None:
        async def work(connection: AsyncConnection) -> tuple[User, int] | None:
            after = await _change(connection, user, alter)
            if after is None:
                return None
            latest = await _latest_sign_in(connection, user)
            await connection.execute(delete(refresh_families).where(refresh_families.c.user_id == user))
            # The clock last: sign-ins and exchanges that were faster hold a row above, and their tokens are older.
            before = max(now(), latest + 1)  # a token of that millisecond may have been rounded up
            await note_revocation(connection, user, before)
            return after, before

        return await self._database.write(work)

    async def delete(self, user: str) -> None:
        await self._database.write(lambda connection: erase_user(connection, user), erases=True)

    async def page(self, limit: int, offset: int) -> tuple[list[User], int]:
        async def work(connection: AsyncConnection) -> tuple[list[User], int]:
            total = await connection.scalar(select(func.count()).select_from(users))
            chosen = select(*COLUMNS).order_by(users.c.created_at, users.c.id).limit(limit).offset(offset)
            return [User(*row) for row in await connection.execute(chosen)], total or 0

        return await self._database.read(work)

    async def add_identity(self, identity: Identity) -> None:
        async def work(connection: AsyncConnection) -> None:
            known = select(users.c.id).where(users.c.id == identity.user).with_for_update(read=True, key_share=True)
            if await connection.scalar(known) is not None:
                await _give(connection, identity)

        await self._database.write(work)

    async def by_identity(self, provider: str, subject: str) -> User | None:
        owner = select(identities.c.user_id).where(identities.c.provider == provider, identities.c.subject == subject)
        return await self._one(users.c.id == owner.scalar_subquery())

    async def identities(self, user: str) -> list[Identity]:
        async def work(connection: AsyncConnection) -> list[Identity]:
            found = select(identities.c.provider, identities.c.subject, identities.c.user_id)
            chosen = found.where(identities.c.user_id == user).order_by(identities.c.provider, identities.c.subject)
            return [Identity(*row) for row in await connection.execute(chosen)]

        return await self._database.read(work)

    async def _one(self, condition: ColumnElement[bool]) -> User | None:
        async def work(connection: AsyncConnection) -> User | None:
            row = (await connection.execute(select(*COLUMNS).where(condition))).first()
            return None if row is None else User(*row)

        return await self._database.read(work)


async def _check_free(connection: AsyncConnection, user: User) -> None:
    """Raise Taken where another user has the address or the name.

    A user who is added meanwhile breaks a unique index, and the transaction looks here again.
    """
    others = select(users.c.id).where(users.c.id != user.id)
    if user.email is not None and await connection.scalar(others.where(users.c.email == user.email)) is not None:
        raise Taken("email")
    if await connection.scalar(others.where(users.c.username_key == name_key(user.username))) is not None:
        raise Taken("username")


async def _change(connection: AsyncConnection, user: str, alter: Callable[[User], User]) -> User | None:
    """Write what `alter` changes of a row that is locked from its reading on: the fields that differ, and no other."""
    row = (await connection.execute(select(*COLUMNS).where(users.c.id == user).with_for_update())).first()
    if row is None:
        return None
    before = User(*row)
    after = alter(before)
    old, new = asdict(before), asdict(after)
    changed: dict[str, object] = {name: value for name, value in new.items() if value != old[name]}
    if "username" in changed:
        changed["username_key"] = name_key(after.username)
    if changed.keys() & {"email", "username"}:
        await _check_free(connection, after)
    if changed:
        await connection.execute(update(users).where(users.c.id == user).values(changed))
    return after


async def _latest_sign_in(connection: AsyncConnection, user: str) -> int:
    """Return the time of the newest token of a user, by the clock of the server that issued it, which may be ahead.

    None is issued until the transaction ends. After a revocation tokens are dated behind it, however late that was.
    """
    theirs = refresh_families.c.user_id == user
    await connection.execute(select(refresh_families.c.id).where(theirs).with_for_update())
    looks = [
        select(func.max(refresh_families.c.begun_at)).where(theirs),
        select(func.max(refresh_tokens.c.used_at)).join(refresh_families).where(theirs),
        select(revocations.c.before).where(revocations.c.user_id == user),
    ]
    return max([await connection.scalar(look) or 0 for look in looks])


async def _give(connection: AsyncConnection, identity: Identity) -> None:
    """Write an identity of a user who exists. Raises Taken where it is another's."""
    await connection.execute(
        insert_into(connection, identities)
        .values(provider=identity.provider, subject=identity.subject, user_id=identity.user)
        .on_conflict_do_nothing()
    )
    owner = await connection.scalar(
        select(identities.c.user_id).where(
            identities.c.provider == identity.provider, identities.c.subject == identity.subject
        )
    )
    if owner != identity.user:
        raise Taken("identity")
