"""Signed tokens in the links of letters: which person, what for, until when. Pure: `now` is an argument."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import jwt

from accounts.refusals import BadLink
from storage.accounts.records import User

LONGEST = 2048
_ALGORITHM = "HS256"


class LinkKind(StrEnum):
    VERIFY = "verify"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was read. `state` is the person's state for which it was made."""

    user: str
    state: str


class LinkTokens:
    """Issues and reads link tokens, under keys of their own: no other token of ours can pass as one."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are those that sign access tokens, the newest first."""
        self._keys = [hmac.new(key, b"dragoman: links of letters", hashlib.sha256).digest() for key in keys]

    def issue(self, kind: LinkKind, user: User, now: float, lifetime_s: float) -> str:
        """Return a token for the person as they are now."""
        claims = {"aud": kind.value, "sub": user.id, "state": self._state(kind, user), "exp": int(now + lifetime_s)}
        return jwt.encode(claims, self._keys[0], _ALGORITHM)

    def read(self, kind: LinkKind, token: str, now: float) -> Link:
        """Return what a token says. Raises BadLink for one that is forged, too old, or of another kind."""
        for key in self._keys:
            try:
                claims = jwt.decode(
                    token[:LONGEST],
                    key,
                    algorithms=[_ALGORITHM],
                    audience=kind.value,
                    options={"require": ["exp", "sub", "aud"], "verify_exp": False},
                )
            # ValueError and RecursionError: from the payload's JSON, which is read before the signature is checked.
            except (jwt.InvalidTokenError, ValueError, RecursionError):
                continue
            expires, user, state = claims["exp"], claims["sub"], claims.get("state")
            if isinstance(expires, int) and expires > now and isinstance(state, str):
                return Link(user, state)
        raise BadLink

    def fits(self, kind: LinkKind, link: Link, user: User) -> bool:
        """True if the person still is as they were: else the link was used, or something else has changed."""
        return any(hmac.compare_digest(link.state, self._state(kind, user, key)) for key in self._keys)

    def _state(self, kind: LinkKind, user: User, key: bytes | None = None) -> str:
        """Return a keyed hash of what the link changes: neither an address nor a hash can be read from it."""
        what = f"{user.email}\0{user.password_hash}" if kind is LinkKind.RESET else f"{user.email}"
        return hmac.new(key or self._keys[0], f"{kind}\0{what}".encode(), hashlib.sha256).hexdigest()[:32]
