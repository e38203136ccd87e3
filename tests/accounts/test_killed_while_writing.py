"""Killed at a random moment of 200 writes, writer or PostgreSQL: nothing is damaged, nothing acknowledged is lost."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from storage.accounts.opening import open_accounts
from tests.kit.account_writer import WRITES, entry, user
from tests.kit.extent import extent
from tests.kit.migrated_accounts import migrated_postgres, migrated_sqlite
from tests.kit.postgres import Postgres

ROOT = Path(__file__).parents[2]
ROUNDS = extent(1, 25)


def start(url: str) -> subprocess.Popen[str]:
    """Start a writer; return once it writes."""
    command = [sys.executable, "-m", "tests.kit.account_writer", url]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    return writer


def read_until(writer: subprocess.Popen[str], number: int) -> None:
    assert writer.stdout is not None
    for line in writer.stdout:
        if line.strip() == str(number):
            return
    raise AssertionError(f"the writer ended before row {number}")


def acknowledged(writer: subprocess.Popen[str], before: int) -> int:
    """Read what is left of the writer's words; return the number of rows that it was promised."""
    assert writer.stdout is not None
    lines = writer.stdout.read().splitlines()
    writer.wait()
    writer.stdout.close()
    numbers = [int(line) for line in lines if line.isdecimal()]
    return (numbers[-1] if numbers else before) + 1


async def check(url: str, promised: int) -> None:
    """Assert that every promised row is there and whole, and that at most the one in the making is beyond them."""
    async with open_accounts(url) as store:
        kept, _ = await store.histories.entries("s_1")
        assert kept[:promised] == [entry(number) for number in range(promised)]
        assert len(kept) <= promised + 1
        for number in range(promised):
            assert await store.users.get(f"u_{number}") == (None if number % 50 == 49 else user(number))
        used = (await store.usage.of_session("s_1"))["u_0"].heard_ms
        assert promised <= used <= promised + 1
        # It goes on from here.
        await store.users.add(user(WRITES + 1))


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_sqlite_outlives_its_writer(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    url = migrated_sqlite(tmp_path / "accounts.sqlite")
    writer = start(url)
    number = chance.randrange(WRITES - 10)
    read_until(writer, number)
    writer.kill()
    promised = acknowledged(writer, number)
    await check(url, promised)
    with sqlite3.connect(tmp_path / "accounts.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("victim", ["writer", "postgres"])
async def test_postgres_and_its_writer_outlive_each_other(durable: Postgres, victim: str, seed: int) -> None:
    chance = random.Random(f"{victim} {seed}")
    database = f"killed_{victim}_{seed}"
    url = migrated_postgres(durable, database)
    writer = start(url)
    number = chance.randrange(WRITES - 10)
    read_until(writer, number)
    if victim == "postgres":
        durable.kill()
        promised = acknowledged(writer, number)
        durable.start()
    else:
        writer.kill()
        promised = acknowledged(writer, number)
    assert promised < WRITES
    await check(url, promised)
    rows = durable.run("SELECT count(*) FROM translations JOIN data_keys USING (session_id)", database)
    assert int(rows) == int(durable.run("SELECT count(*) FROM translations", database)) >= promised
    durable.run("REINDEX DATABASE CONCURRENTLY " + database, database)  # reads every row and every index's uniqueness
