"""Accounts while they run: builds their parts over an open store, and owns their tasks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from accounts.accounts import Accounts
from accounts.audit import Audit
from accounts.refresh_tokens import RefreshTokens
from accounts.revoked import Revoked
from storage.accounts.ports import AccountStore

AUDIT_FINISH_S = 2.0
"""Time at the end for audit entries that are not written yet."""


def _uncounted(event: str, outcome: str) -> None:
    return


@asynccontextmanager
async def run_accounts(
    store: AccountStore,
    *,
    wall: Callable[[], float] = time.time,
    count: Callable[[str, str], None] = _uncounted,
) -> AsyncIterator[Accounts]:
    """Yield the accounts of `store`, which stays open for longer. Raises Unavailable if it does not answer.

    `wall` is a clock in Unix epoch seconds. `count` gets the event and the outcome of each audit entry.
    """

    def now_ms() -> int:
        return int(wall() * 1000)

    accounts = Accounts(
        store=store,
        audit=Audit(store.audit, now_ms, count),
        refresh_tokens=RefreshTokens(store.families, now_ms),
        revoked=Revoked(store.revocations, now_ms),
    )
    await accounts.revoked.load()
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(accounts.audit.run()), tasks.create_task(accounts.revoked.run())]
        try:
            yield accounts
        finally:
            await accounts.audit.finish(AUDIT_FINISH_S)
            for task in running:
                task.cancel()
