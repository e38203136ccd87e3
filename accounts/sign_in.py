"""Decides whether a password is a person's, and locks an address, or a signed-in person, after wrong ones in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from accounts.keyed_locks import KeyedLocks
from accounts.options import AccountOptions
from accounts.passwords.hashing import PasswordHashing
from accounts.passwords.policy import LONGEST, normalized
from accounts.people.addresses import known_as, lock_key
from accounts.people.user_changes import UserChanges
from accounts.refusals import Locked, WrongPassword
from storage.accounts.ports import AccountStore
from storage.accounts.records import User


class SignIn:
    """Sign-ins by password. An unknown address gets the same answers, after the same work, and is locked alike."""

    def __init__(
        self,
        store: AccountStore,
        hashing: PasswordHashing,
        changes: UserChanges,
        options: AccountOptions,
        now_ms: Callable[[], int],
        key: bytes,
    ) -> None:
        """`key` hides the addresses whose failures are counted."""
        self._store = store
        self._hashing = hashing
        self._changes = changes
        self._options = options
        self._now_ms = now_ms
        self._key = key
        # In this process one guess after another: those that come at once would all pass before any is counted.
        self._guesses: KeyedLocks[bytes] = KeyedLocks()

    async def by_password(self, email: str, password: str) -> User:
        """Return the person. Raises WrongPassword, Locked or Busy."""
        address = known_as(email)
        counted = self._of_address(address)
        async with self._guesses.hold(counted):
            await self._require_unlocked(counted)
            user = await self._store.users.by_email(address)
            await self._verify(counted, user, password)
            assert user is not None
            if user.locked:  # only who knows the password learns it
                raise Locked(None)
            return await self._rehashed(user, password)

    async def confirm(self, user: User, password: str, *, from_outside: bool = False) -> None:
        """Make sure that a person who is signed in knows the password. Raises WrongPassword, Locked or Busy.

        Wrong ones are counted by themselves: whoever guesses at the address `from_outside` must not keep its owner
        from a new password. Those are counted as at a sign-in.
        """
        counted = self._of_address(user.email or user.id) if from_outside else self._of_user(user)
        async with self._guesses.hold(counted):
            await self._require_unlocked(counted)
            await self._verify(counted, user, password)

    async def forgive(self, user: User) -> None:
        """Forget the wrong passwords: the person has shown in another way who they are."""
        for counted in (self._of_address(user.email or user.id), self._of_user(user)):
            await self._store.sign_ins.succeed(counted)

    async def _require_unlocked(self, counted: bytes) -> None:
        until = await self._store.sign_ins.locked_until(counted, self._now_ms())
        if until is not None:
            raise Locked(until)

    async def _verify(self, counted: bytes, user: User | None, password: str) -> None:
        # One that is too long costs the same as another: its beginning is hashed, and it is wrong.
        tried = normalized(password)
        hashed = user.password_hash if user is not None and len(tried) <= LONGEST else None
        if await self._hashing.verify(hashed, tried[:LONGEST]):
            await self._store.sign_ins.succeed(counted)
            return
        options = self._options
        lock_ms = int(options.lock_s * 1000)
        await self._store.sign_ins.fail(counted, self._now_ms(), options.wrong_passwords, lock_ms)
        raise WrongPassword

    async def _rehashed(self, user: User, password: str) -> User:
        """Return the person, with a new hash where the parameters have changed since the last one.

        Raises WrongPassword where the password was replaced meanwhile.
        """
        if user.password_hash is None or not self._hashing.outdated(user.password_hash):
            return user
        old, fresh = user.password_hash, await self._hashing.hash(normalized(password))

        def alter(now: User) -> User:
            if now.password_hash != old:
                raise WrongPassword
            return replace(now, password_hash=fresh)

        return await self._changes.change(user.id, alter)

    def _of_address(self, address: str) -> bytes:
        """Return what the wrong passwords of strangers are counted under."""
        return lock_key(self._key, address)

    def _of_user(self, user: User) -> bytes:
        """Return what those of a signed-in person are counted under; no text in place of an address comes to it."""
        return lock_key(self._key + b"signed in", user.id)
