"""Sign-in elsewhere, from its beginning to the exchange of the one-time code: each step once, in one browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from accounts.audit_events import AuditEvent
from accounts.oidc.asking import Answer, Ask
from accounts.oidc.attempts import Browser, Slip, Slips
from accounts.oidc.identities import account_of
from accounts.oidc.people import Person
from accounts.oidc.providers import Kind, Provider
from accounts.oidc.refusals import Reason, SignInRefused, failed, unverified
from storage.accounts.ports import AccountStore
from storage.accounts.records import User

LONGEST_S = 10.0
"""Time for everything that is asked of a provider in one step."""


class IdentityProvider(Protocol):
    """A provider at which people sign in."""

    async def authorization_url(self, redirect_uri: str, state: str, browser: Browser) -> str: ...

    async def identify(self, answer: Mapping[str, str], redirect_uri: str, browser: Browser, now: float) -> Person: ...


async def _ask_nobody(method: str, url: str, headers: Mapping[str, str], form: str = "") -> Answer:
    raise failed("this server asks no provider")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The operator's providers, and the way to ask them. `steady` is a clock in seconds that never goes back."""

    providers: Sequence[Provider] = ()
    ask: Ask = _ask_nobody
    steady: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: the address at the provider, and the browser that may finish it."""

    url: str
    browser: Browser


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that the provider has confirmed: its one-time code, and an event for the audit log, if there is one."""

    code: str
    user: str
    event: AuditEvent | None
    """`register` for a new account, `identity_join` for one that was joined by its address."""


class SignInElsewhere:
    """Sign-in at the operator's providers. Every step raises SignInRefused, or the store's Unavailable."""

    def __init__(
        self, elsewhere: Elsewhere, store: AccountStore, keys: Sequence[bytes], wall: Callable[[], float] = time.time
    ) -> None:
        """`keys` sign the steps: the first one, and all are believed. `wall` is a clock in Unix epoch seconds."""
        self._described = {one.name: one for one in elsewhere.providers}
        self._providers: dict[str, IdentityProvider] = {
            one.name: _client(one, elsewhere.ask, elsewhere.steady) for one in elsewhere.providers
        }
        self._store = store
        self._slips = Slips(keys)
        self._wall = wall

    def listing(self) -> list[dict[str, str]]:
        """Return `{name, label}` of each provider, in the operator's order."""
        return [{"name": one.name, "label": one.label} for one in self._described.values()]

    def __contains__(self, provider: str) -> bool:
        return provider in self._providers

    async def begin(self, provider: str, redirect_uri: str) -> Begun:
        """Begin a sign-in in one browser."""
        browser = Browser.new()
        state = self._slips.state(provider, browser, self._wall())
        async with _bounded():
            url = await self._providers[provider].authorization_url(redirect_uri, state, browser)
        return Begun(url, browser)

    async def finish(
        self, provider: str, answer: Mapping[str, str], redirect_uri: str, cookie: str | None, language: str = "en"
    ) -> Finished:
        """Take the provider's answer to the browser, and return the one-time code for its page.

        `language` is that of a new account.
        """
        browser, now = Browser.of_cookie(cookie), self._wall()
        await self._use(self._slips.read_state(answer.get("state", ""), provider, browser, now), now)
        async with _bounded():
            person = await self._providers[provider].identify(answer, redirect_uri, browser, now)
        user, event = await account_of(self._store.users, person, language, int(now * 1000))
        return Finished(self._slips.code(user.id, browser, self._wall()), user.id, event)

    async def exchange(self, code: str, cookie: str | None) -> User:
        """Return the user whom a one-time code signs in, in the browser that began."""
        browser, now = Browser.of_cookie(cookie), self._wall()
        slip = self._slips.read_code(code, browser, now)
        await self._use(slip, now)
        user = await self._store.users.get(slip.subject)
        if user is None:
            raise unverified("the account is deleted")
        if user.locked:
            raise SignInRefused(Reason.LOCKED, "the account is locked")
        return user

    async def _use(self, slip: Slip, now: float) -> None:
        """Use a slip up. It is forgotten a minute after its end, when it is refused for its age."""
        if not await self._store.one_time.use(slip.name, int(now * 1000), (slip.expires_at + 60) * 1000):
            raise unverified("the slip was used before")


def _client(provider: Provider, ask: Ask, steady: Callable[[], float]) -> IdentityProvider:
    """Return what speaks to a provider. A server that has none does not wait for the import of Authlib."""
    if provider.kind is Kind.GITHUB:
        from accounts.oidc.github import GitHub

        return GitHub(provider, ask, steady)
    from accounts.oidc.openid import OpenIdProvider

    return OpenIdProvider(provider, ask, steady)


@asynccontextmanager
async def _bounded() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(LONGEST_S):
            yield
    except TimeoutError:
        raise failed("the provider is too slow") from None
