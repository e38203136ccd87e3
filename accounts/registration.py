"""Makes an account: decides whether name, address and password will do, and keeps the person."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from accounts.passwords.hashing import PasswordHashing
from accounts.passwords.policy import normalized, require_good
from accounts.people.addresses import address
from accounts.people.usernames import username
from storage.accounts.ports import Users
from storage.accounts.records import User


def random_user_id() -> str:
    """Return an id of 128 random bits; a guest's looks alike."""
    return f"u_{secrets.token_hex(16)}"


class Registration:
    """Maker of accounts."""

    def __init__(self, users: Users, hashing: PasswordHashing, now_ms: Callable[[], int]) -> None:
        self._users = users
        self._hashing = hashing
        self._now_ms = now_ms

    async def register(
        self, name: str, email: str, password: str, language: str, *, email_verified: bool = False
    ) -> User:
        """Return the new person. A letter that verifies the address is the caller's.

        `language` is a BCP 47 tag. Raises NotPossible, Taken or Busy.
        """
        kept_name, kept_email = username(name), address(email)
        await self._hashing.run(lambda: require_good(password, (kept_name, kept_email)))
        user = User(
            id=random_user_id(),
            username=kept_name,
            email=kept_email,
            email_verified=email_verified,
            password_hash=await self._hashing.hash(normalized(password)),
            preferred_language=language,
            created_at=self._now_ms(),
        )
        await self._users.add(user)
        return user
