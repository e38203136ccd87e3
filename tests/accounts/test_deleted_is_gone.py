"""Rows that were deleted are in no file of the database: of SQLite at once, of PostgreSQL after VACUUM."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.opening import SqlAccounts, open_accounts
from storage.accounts.ports import AccountStore, Unavailable
from storage.accounts.records import AuditEntry, Call, CallParticipant, DataKey, SealedEntry, User
from storage.accounts.sqlite_backend import CUT_MS
from tests.kit.extent import extent
from tests.kit.migrated_accounts import migrated_sqlite
from tests.kit.postgres import Postgres

ENTRY = SealedEntry("s_1", "utt", 0, "q", "p", 0, 1, 10**9, b"canary" * 9)
SESSIONS, ENTRIES = extent((6, 60), (40, 400))
LONG_S = 3600
"""Longer than a test takes, however slow the machine is."""
CANARY = "canary"


def canary(session: int) -> bytes:
    return f"{CANARY}-{session}-".encode()


def name(session: int) -> str:
    """Return a name that is the beginning of no other."""
    return f"{CANARY} name {session}."


async def fill(store: AccountStore, chance: random.Random) -> None:
    """Keep long and short entries of several sessions in mixed order, so that pages of the file are split."""
    people = [User(f"u_{n}", name(n), f"{CANARY}{n}@x.org", True, CANARY, "en", n) for n in range(SESSIONS)]
    for n, user in enumerate(people):
        await store.users.add(user)
        await store.calls.save(Call(f"s_{n}", 1, 2, 3, "", (CallParticipant("p", user.id, user.username, "en"),)))
        await store.histories.add_key(DataKey(f"s_{n}", "k1", canary(n) * 4))
    work = [(n, entry) for n in range(SESSIONS) for entry in range(ENTRIES)]
    chance.shuffle(work)
    for start in range(0, len(work), 20):
        await store.histories.keep(
            [
                SealedEntry(f"s_{n}", f"utt_{entry}", 0, "q", "p", entry, 1, 10**9, canary(n) * chance.randint(1, 300))
                for n, entry in work[start : start + 20]
            ]
        )


def found(folder: Path, text: bytes) -> list[str]:
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and text in path.read_bytes()]


def erasures(store: AccountStore) -> list[bool]:
    """Return a list to which each attempt of the store to erase what was deleted is added, with its success."""
    assert isinstance(store, SqlAccounts)
    backend, attempts = store.database._backend, list[bool]()

    async def erase(connection: AsyncConnection) -> bool:
        attempts.append(await backend.erase(connection))
        return attempts[-1]

    store.database._backend = replace(backend, erase=erase)
    return attempts


@pytest.mark.parametrize("seed", range(extent(3, 20)))
async def test_sqlite_overwrites_what_is_deleted(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with open_accounts(migrated_sqlite(tmp_path / "accounts.sqlite")) as store:
        await fill(store, chance)
        assert found(tmp_path, canary(0)) and found(tmp_path, name(0).encode())
        order = list(range(SESSIONS))
        chance.shuffle(order)
        for n in order:
            deleted = chance.randint(0, 2)
            if deleted == 0:
                await store.histories.delete(f"s_{n}")
            elif deleted == 1:
                await store.histories.withdraw(f"s_{n}", "p")
                await store.histories.delete(f"s_{n}")
            await store.users.delete(f"u_{n}")  # and the history, where nobody deleted it before
            assert not found(tmp_path, canary(n))
            assert not found(tmp_path, name(n).encode())
        assert not found(tmp_path, CANARY.encode())
        assert (tmp_path / "accounts.sqlite-wal").stat().st_size == 0


async def test_sqlite_overwrites_what_expired_and_what_was_wrapped_before(tmp_path: Path) -> None:
    async with open_accounts(migrated_sqlite(tmp_path / "accounts.sqlite")) as store:
        old, new = DataKey("s_1", "k1", b"canary-old" * 5), DataKey("s_1", "k2", b"other")
        await store.histories.add_key(old)
        await store.histories.rewrap(old, new)
        assert not found(tmp_path, b"canary")
        await store.histories.keep([SealedEntry("s_1", "utt", n, "q", "p", n, 1, 5, b"canary" * 50) for n in range(90)])
        await store.audit.add(AuditEntry(1, "canary", "ok"))
        assert found(tmp_path, b"canary")
        assert (await store.histories.expire(5), await store.audit.expire(5)) == (90, 1)
        assert not found(tmp_path, b"canary")


async def test_sqlite_erases_nothing_where_nothing_was_deleted(tmp_path: Path) -> None:
    async with open_accounts(migrated_sqlite(tmp_path / "accounts.sqlite")) as store:
        attempts = erasures(store)
        await store.histories.add_key(DataKey("s_1", "k1", b"key"))
        await store.histories.keep([ENTRY])
        for session in ("s_1", "s_2"):
            await store.histories.withdraw(session, "q")  # who said nothing
        await store.histories.delete("s_2")
        assert attempts == []
        await store.histories.withdraw("s_1", "p")
        assert attempts == [True] and not found(tmp_path, b"canary")


async def test_a_deletion_whose_answer_is_lost_is_erased_by_a_later_write(tmp_path: Path) -> None:
    def lose(connection: Connection) -> None:
        connection.connection.commit()
        raise OSError("the answer is lost")

    async with open_accounts(migrated_sqlite(tmp_path / "accounts.sqlite")) as store:
        assert isinstance(store, SqlAccounts)
        await store.histories.add_key(DataKey("s_1", "k1", b"key"))
        await store.histories.keep([ENTRY])
        event.listen(store.database._backend.engine.sync_engine, "commit", lose)
        with pytest.raises(Unavailable):
            await store.histories.withdraw("s_1", "p")
        event.remove(store.database._backend.engine.sync_engine, "commit", lose)
        assert await store.histories.entries("s_1") == ([], 0) and found(tmp_path, b"canary")
        await store.histories.withdraw("s_1", "p")  # once more, and nothing is there
        assert not found(tmp_path, b"canary")


@contextmanager
def reader(folder: Path) -> Iterator[None]:
    """Read the file in a transaction, as a backup does: its log can't be cut meanwhile."""
    connection = sqlite3.connect(folder / "accounts.sqlite", isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT * FROM data_keys").fetchall()
    yield
    connection.close()


async def test_what_a_reader_holds_up_is_overwritten_by_a_later_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.accounts.database.AGAIN_S", LONG_S)
    async with open_accounts(migrated_sqlite(tmp_path / "accounts.sqlite")) as store:
        await store.histories.add_key(DataKey("s_1", "k1", b"canary" * 9))
        with reader(tmp_path):
            await store.histories.delete("s_1")  # done, though the reader may still look
            assert await store.histories.key("s_1") is None
            assert found(tmp_path, b"canary")
        await store.one_time.use("link", 1, 2)
        assert found(tmp_path, b"canary")
        monkeypatch.setattr("storage.accounts.database.AGAIN_S", 0.0)
        await store.one_time.use("other", 1, 2)
        assert not found(tmp_path, b"canary")


async def test_a_reader_holds_up_no_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.accounts.database.AGAIN_S", LONG_S)
    monkeypatch.setattr("storage.accounts.sqlite_backend.BUSY_MS", LONG_S * 1000)
    async with open_accounts(migrated_sqlite(tmp_path / "accounts.sqlite")) as store:
        attempts = erasures(store)
        await store.histories.add_key(DataKey("s_1", "k1", b"canary" * 9))
        await store.histories.add_key(DataKey("s_2", "k1", b"canary" * 9))
        with reader(tmp_path):
            async with asyncio.timeout(60):
                await store.histories.delete("s_1")
                log, file = (tmp_path / f"accounts.sqlite{end}" for end in ("-wal", ""))
                assert log.stat().st_size < file.stat().st_size  # no page was made anew for nothing
                for number in range(20):
                    await store.one_time.use(f"link {number}", 1, 2)
            assert attempts == [False]
        await store.histories.delete("s_2")  # a deletion tries at once
        assert attempts == [False, True] and not found(tmp_path, b"canary")
        with sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(store.one_time.use("waits", 1, 2))
            await asyncio.sleep(5 * CUT_MS / 1000)  # who waits for another writer waits longer
            other.execute("ROLLBACK")
        other.close()
        assert await writing


async def test_postgres_forgets_what_is_deleted_with_vacuum(postgres: Postgres, newest: str) -> None:
    database = newest
    async with open_accounts(postgres.url(database)) as store:
        await fill(store, random.Random(1))
        folder = postgres.data / "base" / postgres.run(f"SELECT oid FROM pg_database WHERE datname = '{database}'")
        postgres.run("CHECKPOINT", database)
        assert found(folder, CANARY.encode())
        await asyncio.gather(*(store.users.delete(f"u_{n}") for n in range(SESSIONS)))
        for table in ("users", "translations", "data_keys", "participants"):
            assert postgres.run(f"SELECT count(*) FROM {table} WHERE {table}::text LIKE '%{CANARY}%'", database) == "0"
    postgres.run("VACUUM FULL", database)
    postgres.run("CHECKPOINT", database)
    assert not found(folder, CANARY.encode())
