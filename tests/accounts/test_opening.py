"""Opening the database of accounts: whose file it is, what is refused, and in which words."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from server.accounts import accounts_of
from server.accounts_database import database_url
from server.settings import Settings
from storage.accounts import database as database_module
from storage.accounts import schema
from storage.accounts.opening import connected, open_accounts, parsed, sqlite_url
from storage.accounts.ports import NotOpened, Unavailable
from storage.accounts.records import User

ANNA = User("u_anna", "Anna", "anna@example.org", False, None, "en", 1)


async def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    file = tmp_path / "accounts.sqlite"
    file.touch(0o644)
    async with open_accounts(sqlite_url(file)) as store:
        await store.users.add(ANNA)
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"accounts.sqlite": 0o600, "accounts.sqlite-wal": 0o600, "accounts.sqlite-shm": 0o600}


async def test_rows_are_there_again(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "100% Accounts?.sqlite")
    async with open_accounts(url) as store:
        await store.users.add(ANNA)
    async with open_accounts(url) as store:
        assert await store.users.get(ANNA.id) == ANNA


async def test_two_processes_that_start_at_once_upgrade_one_file(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "accounts.sqlite")

    async def use(name: str) -> None:
        async with open_accounts(url) as store:
            await store.users.add(replace(ANNA, id=name, username=name, email=None))

    await asyncio.gather(*(use(f"u_{n}") for n in range(4)))
    async with open_accounts(url) as store:
        assert (await store.users.page(9, 0))[1] == 4


async def test_a_file_that_others_open_at_the_same_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_S", 0.0)
    refusals = [1, 1]

    async def work(connection: AsyncConnection) -> str:
        if refusals:
            refusals.pop()
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorname = "SQLITE_BUSY"
            raise busy
        return "done"

    async with connected(sqlite_url(tmp_path / "accounts.sqlite")) as database:
        assert await database.migrate(work) == "done"
        refusals.extend([1] * database_module.TRIES)
        with pytest.raises(Unavailable, match="SQLITE_BUSY"):
            await database.migrate(work)


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "accounts.sqlite")
    async with open_accounts(url):
        pass
    with sqlite3.connect(tmp_path / "accounts.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(NotOpened, match="schema 9999, made by a newer version"):
        async with open_accounts(url):
            pass


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("mysql://root:canary@host/x", "must be like postgresql"),
        ("sqlite+aiosqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("canary", "must be like postgresql"),
        ("sqlite+aiosqlite:////no/such/folder/accounts.sqlite", "No such file"),
    ],
)
async def test_a_url_that_is_not_right_is_refused_without_its_password(url: str, text: str) -> None:
    with pytest.raises(NotOpened, match=text) as refused:
        async with open_accounts(url):
            pass
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://a:b@host/x?sslmode=require", "postgresql+asyncpg://a:***@host/x?ssl=require"),
        ("sqlite:////folder/x.sqlite", "sqlite+aiosqlite:////folder/x.sqlite"),
    ],
)
def test_common_spellings_of_urls_are_understood(url: str, shown: str) -> None:
    assert parsed(url).render_as_string() == shown


async def test_a_file_that_is_no_database_is_unavailable_in_words_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "accounts.sqlite").write_text("canary " * 1000)
    with pytest.raises(Unavailable) as refused:
        async with open_accounts(sqlite_url(tmp_path / "accounts.sqlite")):
            pass
    assert str(refused.value) == "the accounts' database failed: DatabaseError SQLITE_NOTADB"


async def test_an_error_shows_no_value_of_a_row(tmp_path: Path) -> None:
    async with open_accounts(sqlite_url(tmp_path / "accounts.sqlite")) as store:
        with pytest.raises(Unavailable) as refused:
            await store.users.add(replace(ANNA, preferred_language=None, username="canary"))  # type: ignore[arg-type]
        assert str(refused.value) == "the accounts' database failed: IntegrityError SQLITE_CONSTRAINT_NOTNULL"
        assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r}"
        assert refused.value.__suppress_context__
        assert await store.users.get(ANNA.id) is None


async def test_a_writer_that_waits_too_long_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.accounts.sqlite_backend.BUSY_MS", 100)
    url = sqlite_url(tmp_path / "accounts.sqlite")
    async with open_accounts(url) as store:
        with sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="SQLITE_BUSY"):
                await store.users.add(ANNA)
            assert await store.users.get(ANNA.id) is None  # readers do not wait
        other.close()
        await store.users.add(ANNA)


async def test_a_statement_that_takes_too_long_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = sqlite_url(tmp_path / "accounts.sqlite")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    async with open_accounts(url), connected(url) as database:
        with monkeypatch.context() as patch:
            patch.setattr("storage.accounts.sqlite_backend.STATEMENT_S", 0.2)
            with pytest.raises(Unavailable, match="SQLITE_INTERRUPT"):
                async with asyncio.timeout(50):  # less than the limit of all other statements here
                    await database.read(lambda connection: connection.exec_driver_sql(endless))
        assert await database.read(lambda connection: connection.run_sync(schema.current)) == schema.head()


async def test_a_server_opens_the_file_in_its_folder_or_none(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert parsed(database_url(settings)).database == str(tmp_path / "accounts.sqlite")
    assert database_url(replace(settings, database_url="postgres://host/x")) == "postgres://host/x"
    async with accounts_of(replace(settings, accounts=False)) as none:
        assert none is None
    assert not list(tmp_path.iterdir())
    async with accounts_of(settings) as store:
        assert store is not None
        await store.ping()
