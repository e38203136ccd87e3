"""Decides which database of accounts a server opens: none, the one that is set, or a file in the data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.settings import Settings
from storage.accounts.ports import AccountStore

FILE = "accounts.sqlite"


def database_url(settings: Settings) -> str:
    """Return the URL of the accounts' database."""
    from storage.accounts.opening import sqlite_url  # its import costs a command that has no use for it half a second

    return settings.database_url or sqlite_url(settings.data / FILE)


@asynccontextmanager
async def accounts_of(settings: Settings) -> AsyncIterator[AccountStore | None]:
    """Open the store of accounts; None where the operator wants guests only. Raises NotOpened and Unavailable."""
    if not settings.accounts:
        yield None
        return
    from storage.accounts.opening import open_accounts

    async with open_accounts(database_url(settings)) as store:
        yield store
