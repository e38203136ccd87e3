"""Signs people in at GitHub: OAuth 2 with PKCE, then its API, since it issues no ID tokens to people.

There is no discovery document, no nonce and no signature. The person is what GitHub's API says to the access token.
That came over TLS from GitHub itself for this browser's code, and is dropped afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from accounts.oidc.asking import Ask, document
from accounts.oidc.attempts import Browser
from accounts.oidc.openid import authorization_url, exchange
from accounts.oidc.people import Person, email_of, person
from accounts.oidc.providers import Provider
from accounts.oidc.refusals import failed, unverified

_PUBLIC = "https://github.com"


class GitHub:
    """GitHub, or a GitHub Enterprise Server at another address."""

    def __init__(self, provider: Provider, ask: Ask, steady: Callable[[], float]) -> None:
        site = provider.issuer.rstrip("/")
        self._provider = provider
        self._ask = ask
        self._authorization = f"{site}/login/oauth/authorize"
        self._token = f"{site}/login/oauth/access_token"
        self._api = "https://api.github.com" if site == _PUBLIC else f"{site}/api/v3"

    async def authorization_url(self, redirect_uri: str, state: str, browser: Browser) -> str:
        """Return the address at GitHub to which the browser goes."""
        return authorization_url(self._provider, self._authorization, redirect_uri, state, browser)

    async def identify(self, answer: Mapping[str, str], redirect_uri: str, browser: Browser, now: float) -> Person:
        """Return the person whom GitHub's answer to the browser stands for. Raises SignInRefused."""
        way = "client_secret_post" if self._provider.client_secret else "none"
        tokens = await exchange(self._provider, self._ask, self._token, way, answer, redirect_uri, browser)
        access = tokens.get("access_token")
        if not isinstance(access, str) or not access.isascii() or not access.isprintable():
            raise unverified("GitHub gave no access token")
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/vnd.github+json"}
        user = await document(self._ask, f"{self._api}/user", headers)
        if not isinstance(user, Mapping) or isinstance(user.get("id"), bool) or not isinstance(user.get("id"), int):
            raise failed("GitHub names no user")
        # The number stays with the person; a login may be given up, and taken by another.
        named = person(self._provider, str(user["id"]), {"name": user.get("name") or user.get("login")})
        email, verified = _primary(await document(self._ask, f"{self._api}/user/emails", headers))
        return replace(named, email=email, email_verified=verified and self._provider.trust_email)


def _primary(emails: object) -> tuple[str | None, bool]:
    """Return the primary address, and true if GitHub has verified it."""
    for one in emails if isinstance(emails, list) else ():
        if isinstance(one, Mapping) and one.get("primary") is True:
            email = email_of(one.get("email"))
            return email, email is not None and one.get("verified") is True
    return None, False
