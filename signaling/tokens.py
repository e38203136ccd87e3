"""Access and resume tokens: JSON Web Tokens (RFC 7519) signed with HS256. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import jwt

from signaling.refusal import Code, Refusal

ACCESS_LIFETIME_S = 15 * 60

_ALGORITHM = "HS256"
_ACCESS = "access"
_RESUME = "resume"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """A person, for `ACCESS_LIFETIME_S`. `kind` is `guest` until there are accounts."""

    user: str
    name: str
    kind: str = "guest"


@dataclass(frozen=True, slots=True)
class ResumeClaims:
    """One participant of one session, for as long as the session lives."""

    session: str
    participant: str


Grant: TypeAlias = AccessClaims | ResumeClaims


class Tokens:
    """Issues and reads tokens under one key of at least 32 bytes (RFC 7518, 3.2)."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the signing key must have at least 32 bytes")
        self._key = key

    def issue_access(self, access: AccessClaims, now: float, lifetime_s: float = ACCESS_LIFETIME_S) -> str:
        """Return a token of a person."""
        return self._sign(_ACCESS, access.user, now, lifetime_s, name=access.name, kind=access.kind)

    def issue_resume(self, resume: ResumeClaims, now: float, lifetime_s: float) -> str:
        """Return a token of one participant.

        `lifetime_s`: the longest time that the session may still last. The session's end ends the token too.
        """
        return self._sign(_RESUME, resume.participant, now, lifetime_s, session=resume.session)

    def read(self, token: str, now: float) -> Grant:
        """Return the claims of a token. Raises Refusal `unauthorized` for a forged, malformed or expired one."""
        try:
            # The algorithm is ours, never the token's; times are checked against our own clock.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                options={
                    "require": ["exp", "sub", "aud"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        # ValueError and RecursionError: from the payload's JSON, which is read before the signature is checked.
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise Refusal(Code.UNAUTHORIZED, "the token is not valid") from None
        expires = claims["exp"]
        if isinstance(expires, bool) or not isinstance(expires, int | float) or expires <= now:
            raise Refusal(Code.UNAUTHORIZED, "the token has expired")
        if claims["aud"] == _ACCESS:
            return AccessClaims(_text(claims, "sub"), _text(claims, "name"), _text(claims, "kind"))
        if claims["aud"] == _RESUME:
            return ResumeClaims(_text(claims, "session"), _text(claims, "sub"))
        raise Refusal(Code.UNAUTHORIZED, "the token is not valid")

    def _sign(self, audience: str, subject: str, now: float, lifetime_s: float, **claims: str) -> str:
        times = {"iat": int(now), "exp": int(now + lifetime_s)}
        return jwt.encode({"aud": audience, "sub": subject, **times, **claims}, self._key, _ALGORITHM)


def _text(claims: dict[str, Any], key: str) -> str:
    value = claims.get(key)
    if not isinstance(value, str):
        raise Refusal(Code.UNAUTHORIZED, "the token is not valid")
    return value
