"""Decides whether a server has accounts, under which keys, and by which mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from accounts.accounts import Accounts
from accounts.letters.mail_server import smtp_options
from accounts.options import AccountOptions
from accounts.running import run_accounts
from server.accounts_database import database_url
from server.identity_providers import sign_in_elsewhere
from server.settings import Settings, filled
from storage.accounts.ports import AccountStore


@asynccontextmanager
async def accounts_of(settings: Settings) -> AsyncIterator[AccountStore | None]:
    """Open the store of accounts; None where the operator wants guests only. Raises NotOpened and Unavailable."""
    if not settings.accounts:
        yield None
        return
    from storage.accounts.opening import open_accounts

    async with open_accounts(database_url(settings)) as store:
        yield store


def signing_keys(secret: str) -> list[bytes]:
    """Return the keys of `DRAGOMAN_SECRET`: the first one signs, those behind it are believed."""
    return [key.strip().encode() for key in secret.split(",")]


def account_options(settings: Settings) -> AccountOptions:
    """Return the options of this server's accounts."""
    return filled(settings, AccountOptions, public_url=settings.public_url or "")


@asynccontextmanager
async def running_accounts(
    settings: Settings, store: AccountStore | None, keys: Sequence[bytes], count: Callable[[str, str], None]
) -> AsyncIterator[Accounts | None]:
    """Run the accounts of `store`; None without one. `count` gets event and outcome of each audit entry."""
    if store is None:
        yield None
        return
    options = account_options(settings)
    smtp = smtp_options(settings.smtp_url, settings.mail_from or "") if settings.smtp_url else None
    async with (
        sign_in_elsewhere(settings) as elsewhere,
        run_accounts(store, keys, options, smtp, elsewhere, count=count, expires=True) as accounts,
    ):
        yield accounts
