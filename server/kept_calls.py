"""Decides what a server keeps of calls: nothing without accounts, no word of them without a key for histories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from accounts.history.operator_keys import OperatorKeys
from accounts.keeping.running import KeepingOptions, KeptCalls, keep_calls
from server.settings import Settings
from storage.accounts.ports import AccountStore


@asynccontextmanager
async def calls_of(settings: Settings, store: AccountStore | None) -> AsyncIterator[KeptCalls | None]:
    """Keep calls in the store of accounts, as the settings say; None without a store."""
    if store is None:
        yield None
        return
    options = KeepingOptions(OperatorKeys(settings.history_key), settings.retention_days)
    async with keep_calls(store, options) as kept:
        yield kept
