"""Access, resume and viewers' tokens: JSON Web Tokens (RFC 7519) signed with HS256. Pure: `now` is an argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jwt

from signaling.refusal import Code, Refusal

ACCESS_LIFETIME_S = 15 * 60

FORWARDED_LIFETIME_S = 60
"""Time for a request to reach another node, and the difference of two nodes' clocks."""

GUEST, USER = "guest", "user"
LONGEST = 4096
"""Characters beyond which a text is no token of ours."""

_ALGORITHM = "HS256"
_ACCESS = "access"
_RESUME = "resume"
_VIEWER = "viewer"
_FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """A person, for `ACCESS_LIFETIME_S`. `kind` is `GUEST`, or `USER` for one with an account."""

    user: str
    name: str
    kind: str = GUEST


@dataclass(frozen=True, slots=True)
class ResumeClaims:
    """One participant of one session, for as long as the session lives."""

    session: str
    participant: str


@dataclass(frozen=True, slots=True)
class Introduction:
    """A request that one node hands on to another."""

    address: str
    """Address of its client."""
    came: float | None = None
    """Time of the machine's steady clock at which the client came; None where the nodes may be on two machines."""


Grant: TypeAlias = AccessClaims | ResumeClaims
"""Claims of somebody who may act. Those of a viewer are none."""


@dataclass(frozen=True, slots=True)
class ViewerClaims:
    """Reading of one session's subtitles, and nothing else."""

    session: str
    viewer: str
    since: int
    """Number of the line behind which the viewer may read."""


def _nobody(user: str, issued_at: float) -> bool:
    return False


class Tokens:
    """Issues and reads tokens under keys of at least 32 bytes each (RFC 7518, 3.2)."""

    def __init__(self, keys: bytes | Sequence[bytes], dead: Callable[[str, float], bool] = _nobody) -> None:
        """The first key signs, and every key is believed: a replaced one stays until its tokens are over.

        `dead`: (user, time of issue in Unix epoch seconds) → True for an access token that is revoked.
        """
        self._keys = (keys,) if isinstance(keys, bytes) else tuple(keys)
        self._dead = dead
        if not self._keys or any(len(key) < 32 for key in self._keys):
            raise ValueError("the signing key must have at least 32 bytes")

    def refusing(self, dead: Callable[[str, float], bool]) -> Tokens:
        """Return tokens of the same keys that refuse access tokens which are revoked."""
        return Tokens(self._keys, dead)

    def issue_access(self, access: AccessClaims, now: float, lifetime_s: float = ACCESS_LIFETIME_S) -> str:
        """Return a token of a person."""
        return self._sign(_ACCESS, access.user, now, lifetime_s, name=access.name, kind=access.kind)

    def issue_resume(self, resume: ResumeClaims, now: float, lifetime_s: float) -> str:
        """Return a token of one participant.

        `lifetime_s`: the longest time that the session may still last. The session's end ends the token too.
        """
        return self._sign(_RESUME, resume.participant, now, lifetime_s, session=resume.session)

    def issue_viewer(self, viewer: ViewerClaims, now: float, lifetime_s: float) -> str:
        """Return a token of one viewer. `lifetime_s` is as for a resume token."""
        return self._sign(_VIEWER, viewer.viewer, now, lifetime_s, session=viewer.session, since=viewer.since)

    def issue_forwarded(self, introduction: Introduction, request: str, now: float) -> str:
        """Return a token by which one node tells another of a `request`: its method and target."""
        came: dict[str, float] = {} if introduction.came is None else {"came": introduction.came}
        return self._sign(_FORWARDED, introduction.address, now, FORWARDED_LIFETIME_S, request=request, **came)

    def read_forwarded(self, token: str, request: str, now: float) -> Introduction | None:
        """Return what another node tells of a `request` that it hands on; None where none of ours did."""
        try:
            claims = self._claims(token, now)
        except Refusal:
            return None
        issued = _issued_at(claims)
        ours = claims["aud"] == _FORWARDED and claims.get("request") == request
        if not ours or abs(now - issued) > FORWARDED_LIFETIME_S:
            return None
        came = claims.get("came")
        return Introduction(_text(claims, "sub"), came if isinstance(came, float) else None)

    def read(self, token: str, now: float) -> Grant:
        """Return the claims of a token that lets somebody act; a viewer's does not.

        Raises Refusal `unauthorized` for a forged, malformed or expired one.
        """
        claims = self._claims(token, now)
        if claims["aud"] == _ACCESS:
            access = AccessClaims(_text(claims, "sub"), _text(claims, "name"), _text(claims, "kind"))
            if self._dead(access.user, _issued_at(claims)):
                raise Refusal(Code.UNAUTHORIZED, "the token is not valid any more")
            return access
        if claims["aud"] == _RESUME:
            return ResumeClaims(_text(claims, "session"), _text(claims, "sub"))
        raise Refusal(Code.UNAUTHORIZED, "the token is not valid")

    def read_viewer(self, token: str, now: float) -> ViewerClaims:
        """Return the claims of a viewer's token. Raises Refusal `unauthorized` for any other."""
        claims = self._claims(token, now)
        since = claims.get("since")
        if claims["aud"] != _VIEWER or isinstance(since, bool) or not isinstance(since, int):
            raise Refusal(Code.UNAUTHORIZED, "this needs a viewer's token")
        return ViewerClaims(_text(claims, "session"), _text(claims, "sub"), since)

    def _sign(self, audience: str, subject: str, now: float, lifetime_s: float, **claims: str | float) -> str:
        # A revocation tells tokens of the same second apart (RFC 7519, 2: a NumericDate may have a fraction).
        times = {"iat": round(now, 3), "exp": int(now + lifetime_s)}
        return jwt.encode({"aud": audience, "sub": subject, **times, **claims}, self._keys[0], _ALGORITHM)

    def _claims(self, token: str, now: float) -> dict[str, Any]:
        """Return the claims of a token that one of our keys has signed, and that has not expired. Raises Refusal."""
        claims = self._signed(token)
        expires = claims["exp"]
        if isinstance(expires, bool) or not isinstance(expires, int | float) or expires <= now:
            raise Refusal(Code.UNAUTHORIZED, "the token has expired")
        return claims

    def _signed(self, token: str) -> dict[str, Any]:
        for key in self._keys if len(token) <= LONGEST else ():
            try:
                # The algorithm is ours, never the token's; times are checked against our own clock.
                return jwt.decode(
                    token,
                    key,
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
                continue
        raise Refusal(Code.UNAUTHORIZED, "the token is not valid")


def _text(claims: dict[str, Any], key: str) -> str:
    value = claims.get(key)
    if not isinstance(value, str):
        raise Refusal(Code.UNAUTHORIZED, "the token is not valid")
    return value


def _issued_at(claims: dict[str, Any]) -> float:
    """Return the time of issue; the beginning of time where there is none: every revocation is later."""
    value = claims.get("iat")
    return float(value) if isinstance(value, int | float) else 0.0
