"""Opens the accounts' database that a URL names, with the newest schema: an SQLite file gets it by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts import schema
from storage.accounts.audit import SqlAuditLog
from storage.accounts.calls import SqlCalls
from storage.accounts.database import Backend, Database
from storage.accounts.families import SqlRefreshFamilies
from storage.accounts.histories import SqlHistories
from storage.accounts.one_time import SqlOneTime
from storage.accounts.ports import (
    AccountStore,
    AuditLog,
    Calls,
    Histories,
    NotOpened,
    OneTime,
    RefreshFamilies,
    Revocations,
    SignIns,
    UsageLog,
    Users,
)
from storage.accounts.postgres_backend import postgres_backend
from storage.accounts.revocations import SqlRevocations
from storage.accounts.sign_ins import SqlSignIns
from storage.accounts.sqlite_backend import sqlite_backend
from storage.accounts.usage import SqlUsage
from storage.accounts.users import SqlUsers

SQLITE = "sqlite+aiosqlite"
POSTGRES = "postgresql+asyncpg"
DRIVERS = {"sqlite": SQLITE, SQLITE: SQLITE, "postgres": POSTGRES, "postgresql": POSTGRES, POSTGRES: POSTGRES}
"""Schemes of URLs, and the driver that each gets."""


@dataclass(slots=True)
class SqlAccounts:
    """AccountStore on one database."""

    database: Database
    users: Users
    sign_ins: SignIns
    families: RefreshFamilies
    one_time: OneTime
    revocations: Revocations
    calls: Calls
    histories: Histories
    usage: UsageLog
    audit: AuditLog

    async def ping(self) -> None:
        """Return if the database answers. Raises Unavailable."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(select(1))

        await self.database.read(work)


def sqlite_url(path: Path) -> str:
    """Return the URL of an SQLite file."""
    return URL.create(SQLITE, database=str(path)).render_as_string()


def parsed(url: str) -> URL:
    """Return the URL with the driver that we use. Raises NotOpened, whose message shows no password."""
    try:
        found = make_url(url)
        driver = DRIVERS[found.drivername]
    except (ArgumentError, KeyError, ValueError):
        raise NotOpened(
            "the URL of the accounts' database is not right: it must be like "
            "postgresql+asyncpg://user:password@host/database, or sqlite+aiosqlite:////folder/accounts.sqlite"
        ) from None
    if driver == SQLITE and found.database in (None, "", ":memory:"):
        raise NotOpened("the URL of the accounts' database names no file: sqlite+aiosqlite:////folder/accounts.sqlite")
    if "sslmode" in found.query:  # libpq's name for asyncpg's `ssl`
        found = found.set(query={"ssl" if key == "sslmode" else key: value for key, value in found.query.items()})
    return found.set(drivername=driver)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Database]:
    """Open the database as it is, whatever its schema. Raises NotOpened."""
    database = Database(_backend(parsed(url)))
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_accounts(url: str) -> AsyncIterator[AccountStore]:
    """Open the store of accounts.

    `url` is like `sqlite+aiosqlite:////folder/accounts.sqlite` or `postgresql+asyncpg://user:password@host/database`.
    Raises NotOpened where it can't be used, and Unavailable where it can't be reached.
    """
    async with connected(url) as database:
        if parsed(url).drivername == SQLITE:
            await database.migrate(lambda connection: connection.run_sync(schema.upgrade))
        else:
            await database.read(lambda connection: connection.run_sync(schema.require_newest))
        yield _store(database)


def _store(database: Database) -> SqlAccounts:
    return SqlAccounts(
        database,
        SqlUsers(database),
        SqlSignIns(database),
        SqlRefreshFamilies(database),
        SqlOneTime(database),
        SqlRevocations(database),
        SqlCalls(database),
        SqlHistories(database),
        SqlUsage(database),
        SqlAuditLog(database),
    )


def _backend(url: URL) -> Backend:
    if url.drivername == SQLITE:
        try:
            return sqlite_backend(url)
        except OSError as error:
            raise NotOpened(f"{url.database}: {error.strerror}") from None
    try:
        return postgres_backend(url)
    except ImportError:
        raise NotOpened("PostgreSQL needs asyncpg: pip install 'dragoman[postgres]'") from None
