"""A signaling server with accounts in a folder, without rooms and without limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from aiohttp import web

from accounts.accounts import Accounts
from accounts.running import run_accounts
from media.events import Observer
from signaling.config import SignalingLimits, SignalingOptions
from signaling.http.app import LIVE_SESSIONS, make_app
from signaling.languages import Languages
from signaling.ports import Dependencies, Room
from signaling.rate_limits import Rate
from signaling.tokens import Tokens
from storage.accounts.opening import open_accounts, sqlite_url
from storage.sqlite import SqliteSessions

MANY = Rate(1_000_000, 1)
KEY = bytes(32)


def _no_room(session: str, observer: Observer) -> AbstractAsyncContextManager[Room]:
    raise NotImplementedError("nobody makes a call here")


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[str, Accounts]]:
    """Yield the address of the server, and its accounts with the parameters that a server has."""
    limits = SignalingLimits(requests_of_address=MANY, logins_of_address=MANY, logins_of_site=MANY)
    async with (
        open_accounts(sqlite_url(folder / "accounts.sqlite")) as store,
        run_accounts(store, [KEY]) as accounts,
        SqliteSessions(folder / "sessions.sqlite") as snapshots,
        asyncio.TaskGroup() as tasks,
    ):
        app = make_app(
            SignalingOptions(limits=limits),
            Dependencies(_no_room, lambda: Languages.of([], [], []), accounts=accounts),
            tasks=tasks,
            snapshots=snapshots,
            tokens=Tokens(KEY),
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", accounts
            await app[LIVE_SESSIONS].shutdown(0)
        finally:
            await runner.cleanup()
