"""Restoring into a database that somebody uses: it is refused, and no row that was written is lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.accounts import backup, portable_rows, schema
from storage.accounts.backup import back_up, restore
from storage.accounts.opening import connected, open_accounts, parsed
from storage.accounts.ports import NotOpened
from tests.kit.account_rows import USERS

NewUrl = Callable[[str], str]
PLAIN = {"PATH": os.environ["PATH"]}


async def empty(url: str, file: Path, *, portable: bool) -> None:
    """Make a database with the newest schema and no rows, and a backup of it."""
    async with connected(url) as database:
        await database.migrate(lambda connection: connection.run_sync(schema.upgrade))
    await back_up(url, file, PLAIN, portable=portable)


@asynccontextmanager
async def stranger(url: str) -> AsyncIterator[AsyncConnection]:
    """Open a connection that does not say whose it is, as through a pool."""
    engine = create_async_engine(parsed(url))
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    ("kind", "portable"), [("sqlite", False), ("postgresql", True), ("postgresql", False)], indirect=["kind"]
)
async def test_a_row_that_is_being_written_is_not_lost(
    new_url: NewUrl, kind: str, tmp_path: Path, portable: bool
) -> None:
    url, file = new_url("one"), tmp_path / "file"
    await empty(url, file, portable=portable)
    async with stranger(url) as connection:
        await connection.execute(text("INSERT INTO used_names (name, expires_at) VALUES ('link', 9000)"))
        restoring = asyncio.create_task(restore(url, file, PLAIN))
        await asyncio.sleep(0.5)
        await connection.commit()
        with pytest.raises(NotOpened, match=r"is not empty \(used_names\)"):
            await restoring
    async with open_accounts(url) as store:
        assert not await store.one_time.use("link", 1000, 2000), "the row is there"


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_database_that_a_server_uses_is_refused(
    new_url: NewUrl, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "LEAVING_S", 0.2)
    monkeypatch.setattr(portable_rows, "LOCK_S", 0.2)
    url, file = new_url("one"), tmp_path / "file"
    await empty(url, file, portable=True)
    async with open_accounts(url) as store:
        with pytest.raises(NotOpened, match="is in use: stop every server"):
            await restore(url, file, PLAIN)
        await store.users.add(USERS[0])
        await store.users.delete(USERS[0].id)
    async with stranger(url) as connection:
        await connection.execute(text("SELECT 1 FROM users"))  # and its transaction goes on
        with pytest.raises(NotOpened, match="is in use: stop every server"):
            await restore(url, file, PLAIN)
    monkeypatch.setattr(backup, "LEAVING_S", 60.0)  # who has left may take a moment to be gone
    monkeypatch.setattr(portable_rows, "LOCK_S", 60.0)
    await restore(url, file, PLAIN)
