"""Binds a sign-in elsewhere to one browser: `state`, nonce, PKCE verifier and one-time code. Pure.

The browser keeps one random secret in a cookie that scripts can't read. Nonce and verifier are derived from it, and the
two signed slips carry its hash. So the server keeps nothing, and another browser can go on with nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import jwt

from accounts.oidc.refusals import unverified

ATTEMPT_LIFETIME_S = 600
"""Time for a person to sign in at the provider."""
CODE_LIFETIME_S = 60
"""Time for the page to exchange its one-time code."""

_ALGORITHM = "HS256"
_STATE, _CODE = "sign-in-state", "sign-in-code"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that signs in, by the secret in its cookie."""

    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> Browser:
        """Return a browser with a new secret of 256 bits."""
        return cls(secrets.token_urlsafe(32))

    @classmethod
    def of_cookie(cls, cookie: str | None) -> Browser:
        """Return the browser of a cookie. Raises SignInRefused."""
        if cookie is None or not _SECRET.fullmatch(cookie):
            raise unverified("this browser has not begun the sign-in")
        return cls(cookie)

    @property
    def nonce(self) -> str:
        """Value that the ID token must repeat (OpenID Connect Core, 3.1.2.1)."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """PKCE's code verifier (RFC 7636, 4.1): 43 characters."""
        return self._derived("verifier")

    @property
    def mark(self) -> str:
        """Name of the attempt in slips: tells nothing of the secret."""
        return self._derived("mark")

    def _derived(self, purpose: str) -> str:
        digest = hmac.digest(self.secret.encode(), purpose.encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Slip:
    """Content of a valid slip. `name` may be used once until `expires_at` (Unix epoch seconds)."""

    subject: str
    name: str
    expires_at: int


class Slips:
    """Signs and reads slips under the server's keys: the first one signs, all are believed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        # A key of its own, so that a slip is no token anywhere else, and no token is a slip.
        self._keys = [hmac.digest(key, b"sign-in elsewhere", "sha256") for key in keys]

    def state(self, provider: str, browser: Browser, now: float) -> str:
        """Return `state` of a sign-in at `provider` that begins now."""
        return self._sign(_STATE, provider, browser, now, ATTEMPT_LIFETIME_S)

    def read_state(self, state: str, provider: str, browser: Browser, now: float) -> Slip:
        """Return the slip of a `state`. Raises SignInRefused for another provider's or browser's, or an old one."""
        slip = self._read(_STATE, state, browser, now)
        if slip.subject != provider:
            raise unverified("the state is another provider's")
        return slip

    def code(self, user: str, browser: Browser, now: float) -> str:
        """Return the one-time code by which the page of this browser signs a user in."""
        return self._sign(_CODE, user, browser, now, CODE_LIFETIME_S)

    def read_code(self, code: str, browser: Browser, now: float) -> Slip:
        """Return the slip of a one-time code; its subject is the user. Raises SignInRefused."""
        return self._read(_CODE, code, browser, now)

    def _sign(self, audience: str, subject: str, browser: Browser, now: float, lifetime_s: int) -> str:
        claims = {"aud": audience, "sub": subject, "mark": browser.mark, "exp": int(now) + lifetime_s}
        return jwt.encode(claims, self._keys[0], _ALGORITHM)

    def _read(self, audience: str, text: str, browser: Browser, now: float) -> Slip:
        claims = self._claims(audience, text)
        expires, subject, mark = claims.get("exp"), claims.get("sub"), claims.get("mark")
        if not isinstance(expires, int) or not isinstance(subject, str) or not isinstance(mark, str):
            raise unverified("the slip is not one of ours")
        if expires <= now:
            raise unverified("the slip has expired")
        if not hmac.compare_digest(mark.encode(), browser.mark.encode()):
            raise unverified("the slip is another browser's")
        return Slip(subject, f"{audience}:{hashlib.sha256(mark.encode()).hexdigest()}", expires)

    def _claims(self, audience: str, text: str) -> dict[str, object]:
        for key in self._keys if len(text) <= _LONGEST else ():
            try:
                options = {"verify_exp": False, "require": ["aud", "sub", "exp"]}
                return jwt.decode(text, key, algorithms=[_ALGORITHM], audience=audience, options=options)  # type: ignore[arg-type]
            except (jwt.InvalidTokenError, ValueError, RecursionError):
                continue
        raise unverified("the slip is not one of ours")
