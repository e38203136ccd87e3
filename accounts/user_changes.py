"""Changes of a person's row: each reads it, alters it and writes it back, one after another for each person."""

from __future__ import annotations

from collections.abc import Callable

from accounts.keyed_locks import KeyedLocks
from accounts.refusals import NoSuchUser
from accounts.revoked import Revoked
from storage.accounts.ports import Users
from storage.accounts.records import User


class UserChanges:
    """Changes in this process; two servers that change the same person in the same instant write the later one."""

    def __init__(self, users: Users, revoked: Revoked) -> None:
        self._users = users
        self._revoked = revoked
        self._locks: KeyedLocks[str] = KeyedLocks()

    async def change(self, user: str, alter: Callable[[User], User]) -> User:
        """Return the altered row, once it is written. Raises NoSuchUser, Taken, and what `alter` raises."""
        async with self._locks.hold(user):
            before = await self._get(user)
            after = alter(before)
            if after != before:
                await self._users.replace(after)
            return after

    async def change_and_sign_out(self, user: str, alter: Callable[[User], User]) -> User:
        """Do the same, and end every sign-in of the person with it: both are done, or neither.

        Access tokens die at once, and refresh tokens are exchanged no more.
        """
        async with self._locks.hold(user):
            after = alter(await self._get(user))
            self._revoked.learn(user, await self._users.replace_and_sign_out(after, self._revoked.before))
            return after

    async def _get(self, user: str) -> User:
        found = await self._users.get(user)
        if found is None:
            raise NoSuchUser
        return found
