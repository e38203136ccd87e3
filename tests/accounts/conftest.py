"""An empty database of accounts for each test: every test here runs on each kind of database."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from storage.accounts import schema
from storage.accounts.opening import connected, open_accounts, sqlite_url
from storage.accounts.ports import AccountStore
from tests.kit.postgres import Postgres, binaries, running_postgres

TEMPLATE = "newest"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, shared by the tests of this process."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed (scripts/setup test): the accounts' store is NOT tested on it")
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """The name of a database of PostgreSQL with the newest schema and no rows, which others are copied from."""

    async def migrate() -> None:
        async with connected(postgres.url(TEMPLATE)) as database:
            await database.migrate(lambda connection: connection.run_sync(schema.upgrade))

    postgres.run(f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(migrate())
    return TEMPLATE


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@pytest.fixture
def new_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """`new_url(name)` makes a database without any table, and returns its URL."""

    def make(name: str) -> str:
        if kind == "sqlite":
            return sqlite_url(tmp_path / f"{name}.sqlite")
        server: Postgres = request.getfixturevalue("postgres")
        database = f"{name}_{next(_numbers)}"
        server.run(f"CREATE DATABASE {database}")
        return server.url(database)

    return make


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that can be opened, without rows."""
    if kind == "sqlite":
        return sqlite_url(tmp_path / "accounts.sqlite")
    server: Postgres = request.getfixturevalue("postgres")
    database = f"store_{next(_numbers)}"
    server.run(f"CREATE DATABASE {database} TEMPLATE {request.getfixturevalue('template')}")
    return server.url(database)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[AccountStore]:
    """An open store without rows."""
    async with open_accounts(database_url) as opened:
        yield opened
