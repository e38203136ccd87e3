"""Changes of a person's row: each alters the row as it is in that moment, whichever process has changed it before."""

from __future__ import annotations

from collections.abc import Callable

from accounts.refusals import NoSuchUser
from accounts.revoked import Revoked
from storage.accounts.ports import Users
from storage.accounts.records import User


class UserChanges:
    """Changes of people, and the ends of their sign-ins.

    `alter` gets the row while nobody else can change it, and decides by it alone: it may be called again.
    """

    def __init__(self, users: Users, revoked: Revoked) -> None:
        self._users = users
        self._revoked = revoked

    async def change(self, user: str, alter: Callable[[User], User]) -> User:
        """Return the altered row, once it is written. Raises NoSuchUser, Taken, and what `alter` raises."""
        changed = await self._users.change(user, alter)
        if changed is None:
            raise NoSuchUser
        return changed

    async def change_and_sign_out(self, user: str, alter: Callable[[User], User]) -> User:
        """Do the same, and end every sign-in of the person with it: both are done, or neither.

        Access tokens die at once, and refresh tokens are exchanged no more.
        """
        changed = await self._users.change_and_sign_out(user, alter, self._revoked.before)
        if changed is None:
            raise NoSuchUser
        after, before = changed
        self._revoked.learn(user, before)
        return after
