"""`dragoman doctor` looks at the accounts' database, Redis and the limit of open files, and shows no password."""

from __future__ import annotations

import os
import resource
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from server.cli.finding import Finding
from server.cli.state_findings import of_the_state, open_files
from server.settings import Settings
from storage.accounts.opening import open_accounts, sqlite_url
from tests.kit.free_port import free_port
from tests.kit.redis_server import RedisServer

PASSWORD = "not-to-be-shown"


async def found(settings: Settings) -> list[Finding]:
    """Return the findings but for that of the files."""
    return [one async for one in of_the_state(settings, 1)][1:]


async def test_a_database_that_is_not_there_yet_is_no_fault_and_is_not_made(tmp_path: Path) -> None:
    assert await found(Settings(data=tmp_path)) == [Finding("database of accounts: the first start makes it")]
    assert await found(Settings(data=tmp_path, accounts=False)) == []
    assert not os.listdir(tmp_path)


async def test_a_database_that_answers(tmp_path: Path) -> None:
    async with open_accounts(sqlite_url(tmp_path / "accounts.sqlite")):
        pass
    assert await found(Settings(data=tmp_path)) == [Finding("database of accounts answers")]
    with sqlite3.connect(tmp_path / "accounts.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    [newer] = await found(Settings(data=tmp_path))
    assert "schema 9999, made by a newer version" in newer.remedy


async def test_a_database_that_can_not_be_used_is_named_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "accounts.sqlite").write_bytes(b"no database" * 1000)
    away = f"postgresql+asyncpg://dragoman:{PASSWORD}@127.0.0.1:{free_port()}/dragoman"
    for settings in (Settings(data=tmp_path), Settings(database_url=away), Settings(database_url="oracle://x")):
        [problem] = await found(settings)
        assert problem.what == "database of accounts" and problem.remedy
        assert PASSWORD not in problem.remedy


async def test_redis_answers_refuses_or_is_away(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, f"port {{port}}\nrequirepass {PASSWORD}")
    redis.start()
    try:
        there = redis.url.replace("redis://", f"redis://:{PASSWORD}@")
        assert await found(Settings(accounts=False, redis_url=there)) == [Finding("Redis answers")]
        [refused] = await found(Settings(accounts=False, redis_url=redis.url))
        assert "NOAUTH" in refused.remedy or "Authentication" in refused.remedy
    finally:
        redis.kill()
    for url in (there, "http://redis.example.org"):
        [problem] = await found(Settings(accounts=False, redis_url=url))
        assert problem.what == "Redis" and problem.remedy and PASSWORD not in problem.remedy


def test_the_limit_of_open_files_is_held_against_the_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    def allowed(files: int) -> None:
        monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))

    allowed(1024)
    assert open_files(100, 1, 0) == Finding("100 sessions need 700 open files, 1024 are allowed in this shell")
    too_few = open_files(100, 1, 500)
    assert too_few.what.startswith("100 sessions and 500 connections of one address need 1200 open files, 1024 are")
    assert "`ulimit -n 1200`" in too_few.remedy and "LimitNOFILE" in too_few.remedy
    assert open_files(100, 0, 0) == open_files(100, 1, 0), "it listens on the loopback address, then"
    allowed(resource.RLIM_INFINITY)
    assert open_files(1000, 4, 0) == Finding("1000 sessions need 12700 open files, any number is allowed in this shell")


async def test_the_connections_of_one_address_are_counted_where_the_server_counts_them() -> None:
    async def first(**given: Any) -> str:
        return (await anext(of_the_state(Settings(accounts=False, **given), 1))).what

    assert "100 sessions and 500 connections of one address need 1200 open files" in await first()
    assert "100 sessions and 20 connections of" in await first(address_requests_per_minute=6)
    assert "100 sessions need 700 open files" in await first(node="one"), "its proxy holds those of all clients"
