"""A person's own account: its fields, a new password, and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from accounts.keeping.retention import DAY_MS
from accounts.passwords.hashing import PasswordHashing
from accounts.passwords.policy import normalized, require_good
from accounts.people.user_changes import UserChanges
from accounts.people.usernames import username
from accounts.refusals import NoSuchUser, NotPossible, WrongPassword
from accounts.revoked import Revoked
from accounts.sign_in import SignIn
from storage.accounts.ports import AccountStore
from storage.accounts.records import User


@dataclass(frozen=True, slots=True)
class NewPassword:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """Fields to be changed; None for one that stays."""

    username: str | None = None
    preferred_language: str | None = None
    password: NewPassword | None = None
    retention_days: int | None = None
    """Days for which the person's calls and their histories are kept at most; those that are kept already, too."""


class Profile:
    """Reads, changes and deletes accounts for their owners."""

    def __init__(
        self,
        store: AccountStore,
        hashing: PasswordHashing,
        changes: UserChanges,
        sign_in: SignIn,
        revoked: Revoked,
    ) -> None:
        self._store = store
        self._hashing = hashing
        self._changes = changes
        self._sign_in = sign_in
        self._revoked = revoked

    async def get(self, user: str) -> User:
        """Return the person. Raises NoSuchUser."""
        found = await self._store.users.get(user)
        if found is None:
            raise NoSuchUser
        return found

    async def change(self, user: str, wishes: Wishes) -> User:
        """Change fields. A new password ends every sign-in of the person, this one too.

        Raises NotPossible, Taken, WrongPassword, Locked, Busy or NoSuchUser. Either all is changed, or nothing.
        """
        before = await self.get(user)
        renames = wishes.username not in (None, before.username)  # a name of before holds, whatever the rules are now
        name = username(wishes.username) if wishes.username is not None and renames else before.username
        fresh = None
        if wishes.password is not None:
            fresh = await self._new_hash(before, name, wishes.password)

        def alter(now: User) -> User:
            if fresh is not None:
                _require_same_password(before, now)
            return replace(
                now,
                username=name if renames else now.username,
                preferred_language=wishes.preferred_language or now.preferred_language,
                password_hash=fresh or now.password_hash,
                retention_days=now.retention_days if wishes.retention_days is None else wishes.retention_days,
            )

        change = self._changes.change if fresh is None else self._changes.change_and_sign_out
        after = await change(user, alter)
        if wishes.retention_days is not None:  # again after a failure shortens what was left
            await self._store.histories.shorten(wishes.retention_days * DAY_MS, user)
        return after

    async def lock(self, user: str) -> None:
        """Lock the account, and end every sign-in. Raises NoSuchUser."""
        await self._changes.change_and_sign_out(user, lambda now: replace(now, locked=True))

    async def unlock(self, user: str) -> None:
        """Unlock the account. Raises NoSuchUser."""
        await self._changes.change(user, lambda now: replace(now, locked=False))

    async def delete(self, user: str, password: str | None, calls_end: Callable[[], Awaitable[None]]) -> None:
        """Delete the account with all that is kept of the person.

        `calls_end` ends the calls that run, and returns once they are written.
        A person who signs in with an identity provider alone needs no password. Raises WrongPassword, Locked, Busy or
        NoSuchUser.
        """
        person = await self.get(user)
        if person.password_hash is not None:
            await self._sign_in.confirm(person, password or "")

        def alter(now: User) -> User:
            _require_same_password(person, now)
            return now

        # No token that could make another call is left when the calls end.
        await self._changes.change_and_sign_out(user, alter)
        await calls_end()
        await self._erase(user)

    async def remove(self, user: str) -> None:
        """Delete the account as the operator does: without the password. Raises NoSuchUser."""
        await self._changes.change_and_sign_out(user, lambda now: now)
        await self._erase(user)

    async def _erase(self, user: str) -> None:
        await self._store.users.delete(user)
        # Somebody with the password may have signed in after the sign-ins were ended and before the row was deleted.
        await self._revoked.revoke(user)

    async def _new_hash(self, user: User, name: str, wish: NewPassword) -> str:
        if user.password_hash is None:
            raise NotPossible("password", "can't be set here: this account has none, and is used by another sign-in")
        await self._sign_in.confirm(user, wish.old)
        own = (name, user.email or "")
        await self._hashing.run(lambda: require_good(wish.new, own, "password.new"))
        return await self._hashing.hash(normalized(wish.new))


def _require_same_password(confirmed: User, now: User) -> None:
    """Raise WrongPassword if the password that was confirmed is not the person's any more."""
    if now.password_hash != confirmed.password_hash:
        raise WrongPassword
