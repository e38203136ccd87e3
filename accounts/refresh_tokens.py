"""Refresh tokens: 256 random bits, exchanged once each; the store knows their SHA-256 hashes only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from storage.accounts.ports import RefreshFamilies, Reused
from storage.accounts.records import User

REFRESH_LIFETIME_S = 7 * 24 * 3600
LONGEST = 128
"""Characters beyond which a text is no token of ours."""


class NotSignedIn(Exception):
    """A sign-in that is not valid, or not any more.

    The refresh token is unknown, expired, dead, or was used before; or its person was locked, deleted or got a new
    password meanwhile. `user`: the person, where it is known.
    """

    def __init__(self, user: str | None = None) -> None:
        super().__init__("the sign-in is not valid")
        self.user = user


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Owner of an exchanged token, and the token that follows it."""

    user: User
    token: str


class RefreshTokens:
    """Families of refresh tokens: each sign-in begins one, and a token that comes twice ends its family."""

    def __init__(self, families: RefreshFamilies, now_ms: Callable[[], int]) -> None:
        self._families = families
        self._now_ms = now_ms

    async def begin(self, user: User) -> str:
        """Return the first token of a new family. Raises NotSignedIn if the user is not as `user` says any more."""
        token, now = _random_token(), self._now_ms()
        if not await self._families.begin(f"f_{secrets.token_hex(16)}", user, _hash(token), now, _expires(now)):
            raise NotSignedIn(user.id)
        return token

    async def rotate(self, token: str) -> Refreshed:
        """Exchange a token. Raises NotSignedIn; then a family whose token came twice has ended."""
        if len(token) > LONGEST:
            raise NotSignedIn
        successor, now = _random_token(), self._now_ms()
        try:
            rotation = await self._families.rotate(_hash(token), _hash(successor), now, _expires(now))
        except Reused as problem:
            raise NotSignedIn(problem.user) from None
        if rotation is None:
            raise NotSignedIn
        return Refreshed(rotation.user, successor)

    async def end(self, token: str) -> str | None:
        """End the token's family and return its user; None where there is no such live family."""
        return None if len(token) > LONGEST else await self._families.end(_hash(token))


def _random_token() -> str:
    return secrets.token_urlsafe(32)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _expires(now: int) -> int:
    return now + REFRESH_LIFETIME_S * 1000
