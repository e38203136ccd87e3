"""Migrations up and down on each database with rows in it, and the start of a server before and after."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from server.cli.main import main
from storage.accounts import schema
from storage.accounts.opening import connected, open_accounts
from storage.accounts.ports import NotOpened
from storage.accounts.tables import metadata
from tests.kit.account_rows import USERS, fill

NewUrl = Callable[[str], str]


def test_the_numbers_of_schemas_are_in_order() -> None:
    assert schema.revisions() == sorted(schema.revisions())
    assert schema.revisions()[-1] == schema.head()


async def test_the_migrations_make_the_tables_that_the_store_knows(new_url: NewUrl) -> None:
    def differences(connection: Connection) -> list[object]:
        schema.upgrade(connection)
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with connected(new_url("tables")) as database:
        assert await database.migrate(lambda connection: connection.run_sync(differences)) == []

        def altered(connection: Connection) -> list[object]:
            connection.execute(text("ALTER TABLE usage ADD COLUMN more TEXT"))
            return differences(connection)

        assert await database.migrate(lambda connection: connection.run_sync(altered))


async def test_each_schema_goes_up_and_down_with_rows_in_it(new_url: NewUrl) -> None:
    url = new_url("stairs")
    async with connected(url) as database:
        await database.migrate(lambda connection: connection.run_sync(schema.upgrade))
        async with open_accounts(url) as store:
            await fill(store)
        lost = await database.migrate(lambda connection: connection.run_sync(schema.losses, "0001"))
        assert lost == {
            "call_sessions": 1, "data_keys": 1, "participants": 2, "session_metrics": 1, "translations": 700,
            "usage": 1,
        }  # fmt: skip
        assert len(await database.migrate(lambda connection: connection.run_sync(schema.losses, "base"))) == 14

        for lower in reversed([schema.EMPTY, *schema.revisions()[:-1]]):
            await database.migrate(lambda connection, to=lower: connection.run_sync(schema.downgrade, to))
            assert await database.read(lambda connection: connection.run_sync(schema.current)) == lower
            await database.migrate(lambda connection: connection.run_sync(schema.upgrade))
            async with open_accounts(url) as store:
                assert (await store.calls.get("s_1") is None) == (lower in (schema.EMPTY, "0001"))
                assert (await store.users.page(9, 0))[1] == (0 if lower == schema.EMPTY else len(USERS))
        await database.migrate(lambda connection: connection.run_sync(schema.downgrade, schema.EMPTY))
        names = await database.read(lambda connection: connection.run_sync(lambda one: inspect(one).get_table_names()))
        assert names == ["alembic_version"]


async def test_a_shared_database_is_not_upgraded_by_a_server(new_url: NewUrl, kind: str) -> None:
    url = new_url("old")
    async with connected(url) as database:
        await database.migrate(lambda connection: connection.run_sync(schema.upgrade, "0001"))
        if kind == "postgresql":
            with pytest.raises(NotOpened, match=r"schema 0001, and this version needs .*: run `dragoman db upgrade`"):
                async with open_accounts(url):
                    pass
            assert await database.read(lambda connection: connection.run_sync(schema.current)) == "0001"
        else:
            async with open_accounts(url) as store:
                await store.users.add(USERS[0])
            assert await database.read(lambda connection: connection.run_sync(schema.current)) == schema.head()


def test_the_command_upgrades_and_says_what_is_lost_on_the_way_down(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRAGOMAN_DATA", str(tmp_path))
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", new_url("command"))
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert capsys.readouterr().out.splitlines() == ["schema 0003, before base", "schema 0003 already"]
    assert main(["db", "downgrade", "0001"]) == 1
    shown = capsys.readouterr()
    assert "  translations: 0 rows" in shown.out.splitlines() and "nothing is done yet" in shown.err
    assert main(["db", "downgrade", "0001", "--yes"]) == 0
    assert main(["db", "downgrade", "0002", "--yes"]) == 0
    assert "schema 0001: nothing to do" in capsys.readouterr().out
    assert main(["db", "downgrade", "0077", "--yes"]) == 2


def test_an_interrupted_upgrade_leaves_the_schema_that_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_DATA", str(tmp_path))
    monkeypatch.delenv("DRAGOMAN_DATABASE_URL", raising=False)
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "downgrade", "0001", "--yes"]) == 0
    with sqlite3.connect(tmp_path / "accounts.sqlite") as connection:
        connection.execute("CREATE TABLE usage (mine TEXT)")  # the last table of the way up is in the way
    connection.close()
    assert main(["db", "upgrade"]) == 1
    with sqlite3.connect(tmp_path / "accounts.sqlite") as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    connection.close()
    assert "usage" in names and "translations" not in names
