"""A server with accounts, below a path and under https as its browsers see it, and an identity provider for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from accounts.oidc.elsewhere import Elsewhere
from accounts.oidc.providers import parse
from signaling.config import SignalingLimits, SignalingOptions
from signaling.http.accounts.provider_requests import provider_requests
from storage.accounts.records import User
from tests.kit.account_server import AccountFront, Clock, open_account_front
from tests.kit.contract import check_answer
from tests.kit.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.kit.signaling_server import GENEROUS

PUBLIC = "https://example.org/call"
COOKIE = "__Host-dragoman-sign-in"
PROVIDERS = """
[company]
preset = "keycloak"
label = "Our company"
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"

[github]
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
"""


@dataclass
class Answered:
    """An answer as a browser sees it."""

    status: int
    location: str
    body: Any
    headers: dict[str, str]

    @property
    def said(self) -> dict[str, str]:
        """Content of the page's fragment. Any other address than the page's fails."""
        page, _, fragment = self.location.partition("#")
        assert (self.status, page) == (302, f"{PUBLIC}/"), self
        return {key: values[0] for key, values in parse_qs(fragment).items()}


@dataclass
class Browser:
    """A browser with its cookies, as far as a sign-in needs one: it is on https, and follows nothing by itself."""

    scene: Scene
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, url: str, body: object = None, **headers: str) -> Answered:
        """Ask for an address below the public one."""
        assert url.startswith(f"{PUBLIC}/"), url
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        http, base = self.scene.front.front.http, self.scene.front.front.url
        inner = f"{base}/call{url.removeprefix(PUBLIC)}"
        async with http.request(method, inner, json=body, headers=headers, allow_redirects=False) as answer:
            kind = answer.content_type == "application/json"
            for line in answer.headers.getall("Set-Cookie", []):
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
                    if morsel["max-age"] == "0":
                        del self.cookies[name]
            location, content = answer.headers.get("Location", ""), await answer.json() if kind else None
            inside = url.removeprefix(PUBLIC).partition("?")[0]
            if method != "HEAD":
                check_answer(method, inside, answer.status, content, answer.content_type)
            return Answered(answer.status, location, content, dict(answer.headers))

    async def begin(self, provider: str = "company") -> Answered:
        return await self.ask("GET", f"{PUBLIC}/api/v1/auth/oidc/{provider}")

    async def sent_back(self, provider: str = "company", **changes: str) -> str:
        """Begin, consent at the provider, and return the address to which it sends the browser."""
        begun = await self.begin(provider)
        assert begun.status == 302, begun
        return self.scene.provider.consent(begun.location, **changes)

    async def come_back(self, provider: str = "company", **changes: str) -> Answered:
        """Begin, consent, and go where the provider sends the browser."""
        return await self.ask("GET", await self.sent_back(provider, **changes))

    async def exchange(self, code: str) -> Answered:
        return await self.ask("POST", f"{PUBLIC}/api/v1/auth/oidc/exchange", {"code": code})

    async def sign_in(self, provider: str = "company") -> Answered:
        """Go all the way."""
        back = await self.come_back(provider)
        assert set(back.said) == {"signin"}, back
        return await self.exchange(back.said["signin"])


@dataclass
class Steady:
    """A clock that goes on by hand only."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scene:
    """The server and the provider. `steady` is the clock by which documents of the provider grow old."""

    front: AccountFront
    provider: IdentityProvider
    steady: Steady

    def browser(self) -> Browser:
        return Browser(self)

    async def user(self, answer: Answered) -> User:
        """Return the user whom an exchange signed in."""
        assert answer.status == 200, answer
        found = await self.front.accounts.store.users.get(answer.body["userId"])
        assert found is not None
        return found


def query(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


@asynccontextmanager
async def sign_in_scene(
    folder: Path,
    algorithm: str = "ES256",
    *,
    providers: str = PROVIDERS,
    limits: SignalingLimits = GENEROUS,
) -> AsyncIterator[Scene]:
    """Run both."""
    with identity_provider(algorithm) as provider:
        steady, clock = Steady(), Clock()
        provider.clock = clock
        known = parse(providers.format(issuer=provider.issuer, client=CLIENT, secret=SECRET), str)
        options = SignalingOptions(public_url=PUBLIC, limits=limits)
        async with (
            provider_requests() as ask,
            open_account_front(folder, options, clock=clock, elsewhere=Elsewhere(known, ask, steady)) as front,
        ):
            yield Scene(front, provider, steady)
