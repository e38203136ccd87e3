"""Changes of a person's row: each reads it, alters it and writes it back, one after another for each person."""

from __future__ import annotations

from collections.abc import Callable

from accounts.keyed_locks import KeyedLocks
from accounts.refusals import NoSuchUser
from storage.accounts.ports import Users
from storage.accounts.records import User


class UserChanges:
    """Changes in this process; two servers that change the same person in the same instant write the later one."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._locks: KeyedLocks[str] = KeyedLocks()

    async def change(self, user: str, alter: Callable[[User], User]) -> User:
        """Return the altered row, once it is written. Raises NoSuchUser, Taken, and what `alter` raises."""
        async with self._locks.hold(user):
            before = await self._users.get(user)
            if before is None:
                raise NoSuchUser
            after = alter(before)
            if after != before:
                await self._users.replace(after)
            return after
