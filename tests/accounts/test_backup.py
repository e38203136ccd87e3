"""Backups while rows are written, brought back into an empty database of the same or of the other kind."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.main import main
from storage.accounts import schema
from storage.accounts.backup import back_up, restore
from storage.accounts.opening import connected, open_accounts, sqlite_url
from storage.accounts.portable_rows import BadBackup
from storage.accounts.ports import NotOpened
from storage.accounts.records import DataKey, Usage
from tests.kit.account_rows import USERS, check_filled, fill
from tests.kit.migrated_accounts import migrated_sqlite

NewUrl = Callable[[str], str]
PLAIN = {"PATH": os.environ["PATH"]}
NO_PROGRAMS = {"PATH": "/nonexistent"}


@pytest.mark.parametrize("way", ["ordinary", "portable", "without programs"])
async def test_a_backup_holds_the_same_rows(
    new_url: NewUrl, migrated_url: str, tmp_path: Path, way: str, kind: str
) -> None:
    url, other, file = migrated_url, new_url("other"), tmp_path / "backup"
    environment = NO_PROGRAMS if way == "without programs" else PLAIN
    async with open_accounts(url) as store:
        await fill(store)
        said = await back_up(url, file, environment, portable=way == "portable")
    in_words = {"sqlite": "a copy of the SQLite file", "postgresql": "a dump of PostgreSQL"}
    of_rows = way == "portable" or (kind == "postgresql" and way == "without programs")
    assert said == ("717 rows" if of_rows else in_words[kind])
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup"]
    await restore(other, file, environment)
    async with open_accounts(other) as store:
        await check_filled(store)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)  # there and back
async def test_a_backup_goes_into_the_other_kind_of_database(
    new_url: NewUrl, migrated_url: str, kind: str, tmp_path: Path
) -> None:
    theirs, ours, back = migrated_url, f"sqlite:///{tmp_path}/ours.sqlite", new_url("back")
    async with open_accounts(theirs) as store:
        await fill(store)
    await back_up(theirs, tmp_path / "rows", PLAIN, portable=True)
    await restore(ours, tmp_path / "rows", PLAIN)
    await back_up(ours, tmp_path / "copy", PLAIN)
    await restore(back, tmp_path / "copy", PLAIN)
    async with open_accounts(back) as store:
        await check_filled(store)
    await back_up(theirs, tmp_path / "dump", PLAIN)
    with pytest.raises(BadBackup, match="--portable"):
        await restore(f"sqlite:///{tmp_path}/more.sqlite", tmp_path / "dump", PLAIN)


@pytest.mark.parametrize("portable", [False, True])
async def test_a_backup_is_of_one_moment_while_rows_are_written(
    new_url: NewUrl, migrated_url: str, tmp_path: Path, portable: bool, kind: str
) -> None:
    url, other = migrated_url, new_url("other")
    writing = True

    async def write() -> int:
        written = 0
        while writing:
            # In this order: a backup that has the second has the first.
            await store.histories.add_key(DataKey(f"s_{written}", "k1", b"key"))
            await store.usage.add(f"s_{written}", "u_1", Usage(1, 1, 1))
            written += 1
        return written

    async with open_accounts(url) as store, asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(write())
        await asyncio.sleep(0.1)
        before = (await store.usage.of_user("u_1")).heard_ms
        # On a loop of its own, as the command has one.
        await asyncio.get_running_loop().run_in_executor(
            None, lambda: asyncio.run(_backed_up(url, tmp_path / "file", portable))
        )
        writing = False
    after = writer.result()
    await restore(other, tmp_path / "file", PLAIN)
    async with open_accounts(other) as store:
        used = (await store.usage.of_user("u_1")).heard_ms
        keys = len(await store.histories.keys_not_wrapped_by("", 100_000))
    assert before <= used <= keys <= used + 1 <= after + 1
    assert after > before


async def _backed_up(url: str, file: Path, portable: bool) -> None:
    await back_up(url, file, PLAIN, portable=portable)


async def test_a_backup_goes_into_an_empty_database_only(new_url: NewUrl, migrated_url: str, tmp_path: Path) -> None:
    url = migrated_url
    for portable in (True, False):
        await back_up(url, tmp_path / f"file{portable}", PLAIN, portable=portable)
    async with open_accounts(url) as store:
        await store.users.add(USERS[0])
        for portable in (True, False):
            with pytest.raises(NotOpened, match=r"is not empty \(users\)"):
                await restore(url, tmp_path / f"file{portable}", PLAIN)
        assert await store.users.get(USERS[0].id) == USERS[0]
        await store.users.delete(USERS[0].id)
    for portable in (True, False):
        await restore(url, tmp_path / f"file{portable}", PLAIN)  # tables without rows are empty


async def test_a_backup_of_an_older_schema_is_brought_to_the_newest(
    new_url: NewUrl, migrated_url: str, tmp_path: Path
) -> None:
    url, other = migrated_url, new_url("other")
    async with open_accounts(url) as store:
        await fill(store)
    async with connected(url) as database:
        await database.migrate(lambda connection: connection.run_sync(schema.downgrade, "0001"))
    for portable in (True, False):
        await back_up(url, tmp_path / f"file{portable}", PLAIN, portable=portable)
        await restore(other, tmp_path / f"file{portable}", PLAIN)
        async with open_accounts(other) as store:
            assert await store.users.page(9, 0) == (list(USERS), 3)
            assert await store.calls.get("s_1") is None
            for user in USERS:
                await store.users.delete(user.id)
            await store.audit.expire(2**60)
        other = new_url("another")


async def test_a_backup_that_was_cut_off_changes_nothing(new_url: NewUrl, migrated_url: str, tmp_path: Path) -> None:
    url, other, file = migrated_url, new_url("other"), tmp_path / "rows"
    async with open_accounts(url) as store:
        await fill(store)
    await back_up(url, file, PLAIN, portable=True)
    whole = file.read_text()
    last_line = whole.rindex("\n", 0, -1) + 1
    for cut in (0, 1, 400, 5000, last_line):
        file.write_text(whole[:cut])
        with pytest.raises(BadBackup):
            await restore(other, file, PLAIN)
    async with connected(other) as database:
        assert await database.read(lambda connection: connection.run_sync(schema.current)) == schema.EMPTY


async def test_a_number_that_fits_no_column_is_told(new_url: NewUrl, migrated_url: str, tmp_path: Path) -> None:
    other, file = new_url("other"), tmp_path / "rows"
    async with open_accounts(migrated_url) as store:
        await fill(store)
    await back_up(migrated_url, file, PLAIN, portable=True)
    whole = file.read_text()
    changed, times = re.subn(r"(?<=[\[,])1\d{9,}(?=[\],])", "9" * 30, whole, count=1)
    assert times == 1
    for text in (changed, whole.replace("\n", "\n" + "[" * 100_000 + "\n", 1)):
        file.write_text(text)
        with pytest.raises(BadBackup):
            await restore(other, file, PLAIN)


async def test_tables_without_rows_outlast_a_backup_that_was_cut_off(migrated_url: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    await back_up(migrated_url, file, PLAIN, portable=False)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadBackup):
        await restore(migrated_url, file, PLAIN)
    async with open_accounts(migrated_url) as store:
        assert await store.users.page(9, 0) == ([], 0)


def test_the_command_writes_no_file_twice_and_says_what_is_wrong(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRAGOMAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", new_url("one"))
    file = str(tmp_path / "backup")
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "backup", file]) == 0
    assert main(["db", "backup", file]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["db", "restore", file]) == 0
    assert main(["db", "restore", str(tmp_path / "none")]) == 1
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "text").write_text("canary")
    assert main(["db", "restore", str(tmp_path / "text")]) == 1
    assert capsys.readouterr().err == "dragoman: this is no backup of the accounts' database, or it was cut off\n"


@pytest.mark.parametrize("portable", [False, True])
async def test_a_file_that_others_put_beside_the_backup_is_left_alone(tmp_path: Path, portable: bool) -> None:
    url = migrated_sqlite(tmp_path / "one.sqlite")
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "backup.part").symlink_to(tmp_path / "precious")
    await back_up(url, tmp_path / "backup", PLAIN, portable=portable)
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "backup").is_symlink() and (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    await restore(sqlite_url(tmp_path / "other.sqlite"), tmp_path / "backup", PLAIN)


async def test_a_raw_copy_of_an_sqlite_file_and_its_log_is_refused(tmp_path: Path) -> None:
    file, copy, other = tmp_path / "one.sqlite", tmp_path / "copy", sqlite_url(tmp_path / "other.sqlite")
    async with open_accounts(sqlite_url(file)) as store:
        await store.users.add(USERS[0])
        shutil.copy(file, copy)
        shutil.copy(f"{file}-wal", f"{copy}-wal")
    with pytest.raises(BadBackup, match="copy-wal holds a part of this SQLite file"):
        await restore(other, copy, PLAIN)
    Path(f"{copy}-wal").write_bytes(b"")
    await restore(other, copy, PLAIN)
    async with open_accounts(other) as store:
        assert await store.users.page(9, 0) == ([], 0)  # the user was in the log alone


async def test_a_damaged_sqlite_file_is_refused_in_words(tmp_path: Path) -> None:
    url, file, other = sqlite_url(tmp_path / "one.sqlite"), tmp_path / "backup", sqlite_url(tmp_path / "other.sqlite")
    async with open_accounts(url) as store:
        await fill(store)
    await back_up(url, file, PLAIN)
    whole = file.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    for damaged in (whole[:5000], whole[:-4096], whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :]):
        file.write_bytes(damaged)
        with pytest.raises(BadBackup, match="this SQLite file is damaged"):
            await restore(other, file, PLAIN)


HEAD = f'{{"dragoman":"accounts","format":1,"schema":"{schema.head()}"}}\n'


@pytest.mark.parametrize(
    "lines",
    [
        '{"dragoman":"accounts","format":1}\n',
        '{"dragoman":"accounts","format":1,"schema":2}\n',
        '["dragoman"]\n',
        HEAD + '["a row of no table"]\n',
        HEAD + '{"table":["users"],"columns":[]}\n',
        HEAD + '{"table":"users"}\n',
        HEAD + '{"table":"used_names","columns":["name","expires_at"]}\n["too short"]\n',
        HEAD + '{"table":"used_names","columns":["name","expires_at"]}\n[{"base64":1},2]\n',
    ],
)
async def test_lines_of_another_shape_are_refused_in_words(tmp_path: Path, lines: str) -> None:
    (tmp_path / "rows").write_text(lines)
    with pytest.raises(BadBackup, match=r"this is no backup|no row of its table"):
        await restore(sqlite_url(tmp_path / "other.sqlite"), tmp_path / "rows", PLAIN)
