"""Databases of accounts with the newest schema and without rows: made once in this process, and copied."""

from __future__ import annotations

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from storage.accounts import schema
from storage.accounts.opening import connected, open_accounts, sqlite_url
from storage.accounts.tables import metadata
from tests.kit.postgres import Postgres

_TEMPLATE = "migrated"


def migrated_sqlite(path: Path) -> str:
    """Return the URL of an SQLite file, which is made with the newest schema if it is not there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return sqlite_url(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_empty_file())
    return sqlite_url(path)


@cache
def _empty_file() -> bytes:
    """Return the content of a file that the store has opened, which closed it whole: without a log beside it."""

    async def opened(path: Path) -> bytes:
        async with open_accounts(sqlite_url(path)):
            pass
        return path.read_bytes()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:  # the caller's loop may be running
        return pool.submit(lambda: asyncio.run(opened(Path(folder) / "accounts.sqlite"))).result()


def migrated_postgres(server: Postgres, name: str) -> str:
    """Return the URL of a new database of PostgreSQL with the newest schema."""
    if not server.run(f"SELECT 1 FROM pg_database WHERE datname = '{_TEMPLATE}'"):
        server.run(f"CREATE DATABASE {_TEMPLATE}")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(migrate(server.url(_TEMPLATE)))).result()
    server.run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    return server.url(name)


async def migrate(url: str) -> None:
    """Bring a database to the newest schema."""
    async with connected(url) as database:
        await database.migrate(lambda connection: connection.run_sync(schema.upgrade))


def empty_postgres(server: Postgres, name: str) -> None:
    """Delete all rows, and number new ones from 1. To truncate the tables costs more than most tests, with few rows."""
    deletions = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
    numbers = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
    server.run(f"BEGIN; {deletions}; {numbers}; COMMIT", name)
