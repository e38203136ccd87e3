"""A real signaling server with accounts in a real SQLite file, and people who sign in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accounts.accounts import Accounts
from accounts.letters.mail_server import SmtpOptions
from accounts.oidc.elsewhere import Elsewhere
from accounts.options import AccountOptions, HashingOptions
from accounts.running import run_accounts
from signaling.config import SignalingOptions
from storage.accounts.opening import open_accounts
from storage.accounts.records import AuditEntry
from tests.kit.migrated_accounts import migrated_sqlite
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front

CHEAP = AccountOptions(hashing=HashingOptions(memory_kib=8, passes=1), public_url="https://call.example.org")
"""Passwords that cost nothing: what they cost in earnest is shown once."""
PASSWORD = "a tall blue giraffe"


@dataclass
class Person(Client):
    """Somebody with an account."""

    front: Front
    token: str
    user: str
    email: str = ""
    password: str = PASSWORD
    refresh_token: str = ""

    def __post_init__(self) -> None:
        Client.__init__(self, self.front, self.token, self.user)

    def take(self, answer: dict[str, Any]) -> None:
        """Go on with the tokens of an answer."""
        self.token, self.refresh_token = answer["token"], answer["refreshToken"]


@dataclass
class Clock:
    """Wall clock in Unix epoch seconds, moved by hand."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@dataclass
class AccountFront:
    """The server, its accounts, and its clock."""

    front: Front
    accounts: Accounts
    clock: Clock
    counted: dict[tuple[str, str], int] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
        return await self.front.call(method, path, body, token)

    async def register(self, name: str = "Ana", password: str = PASSWORD) -> Person:
        email = f"{name.lower()}@example.com"
        body = {"username": name, "email": email, "password": password, "preferredLanguage": "es"}
        status, answer = await self.call("POST", "/auth/register", body)
        assert status == 201, answer
        return Person(self.front, answer["token"], answer["userId"], email, password, answer["refreshToken"])

    async def login(self, email: str, password: str) -> tuple[int, Any]:
        return await self.call("POST", "/auth/login", {"email": email, "password": password})

    async def audited(self) -> list[AuditEntry]:
        """Return every entry of the audit log, the oldest first."""
        await self.accounts.audit.finish(5)
        return (await self.accounts.store.audit.page(10_000))[::-1]

    async def last_audited(self) -> tuple[str, str, str | None]:
        """Return event, outcome and user of the newest entry."""
        entry = (await self.audited())[-1]
        return entry.event, entry.outcome, entry.user


@asynccontextmanager
async def open_account_front(
    folder: Path,
    config: SignalingOptions | None = None,
    options: AccountOptions = CHEAP,
    smtp: SmtpOptions | None = None,
    clock: Clock | None = None,
    elsewhere: Elsewhere | None = None,
    **ports: Any,
) -> AsyncIterator[AccountFront]:
    """Serve accounts in `folder`; what another call has left there is there again."""
    clock = clock or Clock()
    counted: dict[tuple[str, str], int] = {}

    def count(event: str, outcome: str) -> None:
        counted[event, outcome] = counted.get((event, outcome), 0) + 1

    async with (
        open_accounts(migrated_sqlite(folder / "accounts.sqlite")) as store,
        run_accounts(store, [bytes(32)], options, smtp, elsewhere, wall=clock, count=count) as accounts,
        open_front(
            config or SignalingOptions(limits=GENEROUS),
            path=folder / "sessions.sqlite",
            accounts=accounts,
            wall=clock,
            **ports,
        ) as front,
    ):
        yield AccountFront(front, accounts, clock, counted)
