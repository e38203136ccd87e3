"""`dragoman user`, `audit` and `token`: on a real database, at a real terminal, and into a pipe that closes."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.accounts import running_accounts
from server.settings.reading import read
from storage.accounts.opening import open_accounts
from storage.accounts.records import AuditEntry
from tests.kit.extent import extent
from tests.kit.migrated_accounts import migrated_sqlite
from tests.kit.operator_commands import SECRET, Dragoman, Ran

PASSWORD = "a tall blue giraffe"


@pytest.fixture
def dragoman(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Dragoman:
    return Dragoman(monkeypatch, capsys)


def ok(run: Ran) -> str:
    assert run.returncode == 0, run.stderr
    return run.stdout


def refused(run: Ran, *words: str) -> None:
    """One line on standard error says why; there is no traceback, and the password is not in it."""
    assert run.returncode in (1, 2), (run.returncode, run.stdout, run.stderr)
    assert run.stderr.startswith("dragoman: ") and run.stderr.count("\n") == 1, run.stderr
    assert all(word in run.stderr for word in words), run.stderr
    assert PASSWORD not in run.stderr


def test_an_operator_adds_lists_locks_unlocks_and_deletes_people(
    tmp_path: Path, dragoman: Dragoman, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", database_url)
    added = ok(
        dragoman(tmp_path, "user", "add", "Ana@Example.com", "--name", "Ana", "--verified", says=f"{PASSWORD}\n")
    )
    user = added.strip()
    assert user.startswith("u_")
    refused(dragoman(tmp_path, "user", "add", "ana@example.com", "--name", "Another", says=f"{PASSWORD}\n"), "email")
    refused(dragoman(tmp_path, "user", "add", "bo@example.com", "--name", "Bo", says="password\n"), "password")
    refused(dragoman(tmp_path, "user", "lock", "nobody@example.com"), "no such user")
    ok(dragoman(tmp_path, "user", "lock", "ana@example.com"))
    (shown,) = [json.loads(line) for line in ok(dragoman(tmp_path, "user", "list", "--json")).splitlines()]
    assert (shown["userId"], shown["email"], shown["emailVerified"], shown["locked"], shown["hasPassword"]) == (
        user,
        "ana@example.com",
        True,
        True,
        True,
    )
    ok(dragoman(tmp_path, "user", "unlock", user))
    listed = ok(dragoman(tmp_path, "user", "list"))
    assert user in listed and "locked" not in listed and "Ana" in listed
    refused(dragoman(tmp_path, "user", "delete", user), "--yes")
    ok(dragoman(tmp_path, "user", "delete", user, "--yes"))
    assert ok(dragoman(tmp_path, "user", "list")) == ""
    entries = [json.loads(line) for line in ok(dragoman(tmp_path, "audit")).splitlines()]
    assert [(one["event"], one["outcome"], one["user"]) for one in entries] == [
        ("user_delete", "ok", user),
        ("user_unlock", "ok", user),
        ("user_lock", "ok", user),
        ("register", "ok", user),
    ]
    assert all(one["details"] == {"by": "operator"} for one in entries)
    assert len(ok(dragoman(tmp_path, "audit", "--event", "user_lock", "--user", user)).splitlines()) == 1
    assert ok(dragoman(tmp_path, "audit", "--refused")) == ""
    assert ok(dragoman(tmp_path, "audit", "--until", "2020-01-01")) == ""
    assert len(ok(dragoman(tmp_path, "audit", "--since", "2020-01-01", "--limit", "3")).splitlines()) == 3
    refused(dragoman(tmp_path, "audit", "--event", "sign-in"), "sign_in")


def test_a_password_is_asked_for_twice_at_a_terminal_and_shown_never(tmp_path: Path) -> None:
    for second, status in extent([(PASSWORD, 0)], long=[(PASSWORD, 0), ("another one", 2)]):
        child, terminal = pty.fork()
        if child == 0:
            environment = os.environ | {"DRAGOMAN_DATA": str(tmp_path), "DRAGOMAN_SECRET": SECRET}
            arguments = ["user", "add", f"ana{status}@example.com", "--name", f"Ana {status}"]
            os.execve(sys.executable, [sys.executable, "-m", "server.cli.main", *arguments], environment)
        said = b""
        for prompt, answer in ((b"Password: ", PASSWORD), (b"Again: ", second)):
            while prompt not in said:
                said += os.read(terminal, 1024)
            os.write(terminal, f"{answer}\n".encode())
        try:
            while more := os.read(terminal, 1024):
                said += more
        except OSError:  # the other end is closed
            pass
        _, ended = os.waitpid(child, 0)
        os.close(terminal)
        assert os.waitstatus_to_exitcode(ended) == status, said
        assert PASSWORD.encode() not in said


def test_there_is_no_argument_for_a_password(tmp_path: Path, dragoman: Dragoman) -> None:
    for option in ("--password", "-p"):
        run = dragoman(tmp_path, "user", "add", "ana@example.com", "--name", "Ana", option, PASSWORD)
        assert run.returncode == 2 and "unrecognized arguments" in run.stderr


def test_a_reader_that_has_enough_ends_a_command_quietly(tmp_path: Path, dragoman: Dragoman) -> None:
    ok(dragoman(tmp_path, "user", "add", "ana@example.com", "--name", "Ana", says=PASSWORD))
    command = [sys.executable, "-m", "server.cli.main", "audit", "--limit", "0"]
    environment = os.environ | {"DRAGOMAN_DATA": str(tmp_path), "DRAGOMAN_SECRET": SECRET}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(60) == 141


def test_commands_say_where_they_looked_for_data(tmp_path: Path, dragoman: Dragoman) -> None:
    gone = tmp_path / "nothing"
    refused(dragoman(gone, "user", "list"), str(gone))
    refused(dragoman(gone, "token", DRAGOMAN_SECRET=""), str(gone))
    assert not gone.exists()
    refused(dragoman(tmp_path, "user", "list", DRAGOMAN_ACCOUNTS="false"), "DRAGOMAN_ACCOUNTS")
    away = "postgresql+asyncpg://me:hush@127.0.0.1:1/none"
    run = dragoman(tmp_path, "user", "list", DRAGOMAN_DATABASE_URL=away)
    refused(run)
    assert "hush" not in run.stderr


def test_the_file_is_made_as_the_servers_user_or_not_at_all(tmp_path: Path, dragoman: Dragoman) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else than the folder's owner and still write there")
    tmp_path.chmod(0o777)
    os.chown(tmp_path, 12345, 12345)
    refused(dragoman(tmp_path, "user", "list"), "another user")
    assert not list(tmp_path.iterdir())


YEAR_OLD = int((time.time() - 360 * 24 * 3600) * 1000)
"""Time of an entry of the audit log, Unix epoch milliseconds."""


async def with_an_old_entry(url: str, session: str | None = None) -> None:
    async with open_accounts(url) as store:
        await store.audit.add(AuditEntry(YEAR_OLD, "sign_in", "ok", "u_old", session, "192.0.2.1", {}))


def test_no_command_deletes_an_entry_of_the_audit_log(tmp_path: Path, dragoman: Dragoman) -> None:
    """The server keeps entries for longer than by default, and the operator's shell need not know of that."""
    asyncio.run(with_an_old_entry(migrated_sqlite(tmp_path / "accounts.sqlite")))
    for number, days in enumerate(("", "365")):  # none is the default, 90
        arguments = ("user", "add", f"ana{number}@example.com", "--name", f"Ana {number}")
        ok(dragoman(tmp_path, *arguments, says=f"{PASSWORD}\n", DRAGOMAN_AUDIT_DAYS=days))
        assert len(ok(dragoman(tmp_path, "audit", "--user", "u_old")).splitlines()) == 1


async def test_the_server_deletes_entries_of_the_audit_log_after_the_days_that_are_set(tmp_path: Path) -> None:
    url = migrated_sqlite(tmp_path / "accounts.sqlite")
    await with_an_old_entry(url)
    for days, left in (("365", 1), ("355", 0)):
        settings = read({"DRAGOMAN_DATA": str(tmp_path), "DRAGOMAN_AUDIT_DAYS": days})
        async with open_accounts(url) as store, running_accounts(settings, store, [bytes(32)], lambda *_: None):
            async with asyncio.timeout(60):
                while len(await store.audit.page(10)) != left:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)  # what would be deleted too early is gone by now
            assert len(await store.audit.page(10)) == left


def test_nothing_in_an_entry_can_steer_the_terminal(tmp_path: Path, dragoman: Dragoman) -> None:
    hostile = "\x9b2J\x1b]0;title\x07\u202e"  # of an older version: clients may have written it
    asyncio.run(with_an_old_entry(migrated_sqlite(tmp_path / "accounts.sqlite"), hostile))
    shown = ok(dragoman(tmp_path, "audit")).removesuffix("\n")
    assert shown.isascii() and shown.isprintable()
    assert json.loads(shown)["session"] == hostile
