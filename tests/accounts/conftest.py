"""An empty database of accounts for each test: every test here runs on each kind of database."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from storage.accounts.opening import open_accounts, sqlite_url
from storage.accounts.ports import AccountStore
from tests.kit.migrated_accounts import empty_postgres, migrated_postgres, migrated_sqlite
from tests.kit.postgres import Postgres, binaries, running_postgres

NEWEST = "newest"
_numbers = itertools.count()
LIMITS = (
    "database.TRANSACTION_S",
    "sqlite_backend.STATEMENT_S",
    "postgres_backend.STATEMENT_S",
    "postgres_backend.CONNECT_S",
)


@pytest.fixture(autouse=True)
def a_slow_machine_is_no_trouble(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database a minute in each test but those of the limits themselves, which are marked `limits`."""
    if not request.node.get_closest_marker("limits"):
        for name in LIMITS:
            monkeypatch.setattr(f"storage.accounts.{name}", 60.0)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, shared by the tests of this process."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed (scripts/setup test): the accounts' store is NOT tested on it")
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def newest(postgres: Postgres) -> str:
    """The name of a database of PostgreSQL with the newest schema, which is emptied for each test."""

    migrated_postgres(postgres, NEWEST)
    return NEWEST


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@pytest.fixture(scope="session")
def durable() -> Iterator[Postgres]:
    """A PostgreSQL with the safety of a real one, which tests may kill and start again."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed (scripts/setup test): its crashes are NOT tested")
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture
def new_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`new_url(name)` makes a database without any table, and returns its URL."""
    made: list[str] = []

    def make(name: str) -> str:
        if kind == "sqlite":
            return sqlite_url(tmp_path / f"{name}.sqlite")
        server: Postgres = request.getfixturevalue("postgres")
        database = f"{name}_{next(_numbers)}"
        server.run(f"CREATE DATABASE {database}")
        made.append(database)
        return server.url(database)

    yield make
    for database in made:
        request.getfixturevalue("postgres").run(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def migrated_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own with the newest schema, for tests that change it or copy it."""
    if kind == "sqlite":
        yield migrated_sqlite(tmp_path / "migrated.sqlite")
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = f"migrated_{next(_numbers)}"
    yield migrated_postgres(server, database)
    server.run(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that can be opened, without rows."""
    if kind == "sqlite":
        return migrated_sqlite(tmp_path / "accounts.sqlite")
    server: Postgres = request.getfixturevalue("postgres")
    database = request.getfixturevalue("newest")
    empty_postgres(server, database)
    return server.url(database)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[AccountStore]:
    """An open store without rows."""
    async with open_accounts(database_url) as opened:
        yield opened
