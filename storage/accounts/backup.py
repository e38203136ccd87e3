"""Decides how a database of accounts is backed up while it is used, and how a backup is brought back.

SQLite writes a compact copy of itself. PostgreSQL is dumped by pg_dump where there is one that fits, else row by row in
one transaction. A backup of rows, or of SQLite, goes into either kind of database.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts import schema
from storage.accounts.database import Database
from storage.accounts.opening import SQLITE, connected, parsed
from storage.accounts.portable_rows import IN_USE, VERSIONS, BadBackup, read_rows, require_empty, take_empty, write_rows
from storage.accounts.ports import NotOpened
from storage.accounts.postgres_backend import APPLICATION

SQLITE_MAGIC = b"SQLite format 3\0"
POSTGRES_MAGIC = b"PGDMP"
DAMAGED = "this SQLite file is damaged"
LEAVING_S = 2.0
"""Time for connections to end of a server that was just stopped."""
SERVERS = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = :name AND pid <> pg_backend_pid()"
)


async def back_up(url: str, file: Path, environment: Mapping[str, str], *, portable: bool = False) -> str:
    """Write a backup to a new file that only its owner may read; return in words which kind it is.

    `portable`: row by row, whatever the database. `environment` is what pg_dump gets. Raises FileExistsError.
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        part = _new_part(file)
        try:
            kind = await _write(parsed(url), url, part, environment, portable)
            _flushed(part)
            os.replace(part, file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except BaseException:
        file.unlink()
        raise
    return kind


async def restore(url: str, file: Path, environment: Mapping[str, str]) -> None:
    """Bring a backup back into an empty database, and its schema to the newest one.

    Raises BadBackup, OSError, NotOpened where the database is not empty or a server uses it, and Unavailable.
    """
    with file.open("rb") as content:
        magic = content.read(len(SQLITE_MAGIC))
    target = parsed(url)
    async with connected(url) as database:
        if target.drivername != SQLITE:
            await _require_unused(database)
        if magic.startswith(POSTGRES_MAGIC):
            if target.drivername == SQLITE:
                raise BadBackup("a dump of PostgreSQL goes into PostgreSQL only: use `dragoman db backup --portable`")
            await _undump(database, target, file, environment)
        elif magic == SQLITE_MAGIC:
            with tempfile.TemporaryFile("w+", encoding="utf-8") as rows:
                _rows_of_sqlite(file, lambda connection: write_rows(connection, rows))
                rows.seek(0)
                await database.migrate(lambda connection: connection.run_sync(read_rows, rows))
        else:
            with file.open(encoding="utf-8", errors="replace") as lines:
                await database.migrate(lambda connection: connection.run_sync(read_rows, lines))


async def _require_unused(database: Database) -> None:
    """Raise NotOpened where PostgreSQL has rows of ours, or connections of a server.

    Its people would find their accounts come and go. Where its connections can't be seen (another role's, or a pool in
    between), the locks of the restoration keep its rows all the same.
    """

    async def servers(connection: AsyncConnection) -> int:
        return await connection.scalar(SERVERS, {"name": APPLICATION}) or 0

    await database.read(lambda connection: connection.run_sync(require_empty))
    give_up_at = time.monotonic() + LEAVING_S
    while await database.read(servers):
        if time.monotonic() >= give_up_at:
            raise NotOpened(IN_USE)
        await asyncio.sleep(0.1)


def _new_part(file: Path) -> Path:
    """Make a file beside `file` that nobody has made for us: others may write to the folder, as to /tmp."""
    descriptor, path = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=file.parent)
    os.close(descriptor)
    return Path(path)


async def _write(target: URL, url: str, part: Path, environment: Mapping[str, str], portable: bool) -> str:
    if target.drivername == SQLITE and not portable:
        _copy_sqlite(str(target.database), part)
        return "a copy of the SQLite file"
    if not portable and _dumped(target, part, environment):
        return "a dump of PostgreSQL"
    async with connected(url) as database:
        with part.open("w", encoding="utf-8") as out:
            counts = await database.snapshot(lambda connection: connection.run_sync(write_rows, out))
    return f"{sum(counts.values())} rows"


def _copy_sqlite(source: str, part: Path) -> None:
    """Copy the file as it is in one moment, without pages of deleted rows; writers go on meanwhile."""
    connection = sqlite3.connect(f"file:{quote(source)}?mode=rw", uri=True)
    try:
        connection.execute("VACUUM INTO ?", (str(part),))
    finally:
        connection.close()
    check = sqlite3.connect(part)
    try:
        if check.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BadBackup("the copy is not whole: the SQLite file is damaged")
    finally:
        check.close()


def _rows_of_sqlite(file: Path, work: Callable[[Connection], object]) -> None:
    """Run `work` on a file that is only read. Raises BadBackup where it is damaged, or not all of the database."""
    for end in ("-wal", "-journal"):
        log = file.with_name(file.name + end)
        if log.exists() and log.stat().st_size:
            raise BadBackup(f"{log} holds a part of this SQLite file: use what `dragoman db backup` writes")
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)
    )
    try:
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
                raise BadBackup(DAMAGED)
            work(connection)
    except (sqlite3.Error, SQLAlchemyError):
        raise BadBackup(DAMAGED) from None
    finally:
        engine.dispose()


def _dumped(target: URL, part: Path, environment: Mapping[str, str]) -> bool:
    """Dump PostgreSQL; False where there is no pg_dump, or none that knows this version of PostgreSQL."""
    program = which("pg_dump", path=environment.get("PATH"))
    if program is None:
        return False
    command = [program, "--format=custom", "--no-owner", "--no-privileges", f"--file={part}", *_where(target)]
    return subprocess.run(command, env=_access(target, environment), capture_output=True).returncode == 0


async def _undump(database: Database, target: URL, file: Path, environment: Mapping[str, str]) -> None:
    program = which("pg_restore", path=environment.get("PATH"))
    if program is None:
        raise BadBackup("a dump of PostgreSQL needs pg_restore, which is not installed")
    await database.migrate(lambda connection: connection.run_sync(_drop_tables))
    command = [program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    done = subprocess.run([*command, *_where(target), str(file)], env=_access(target, environment), capture_output=True)
    if done.returncode:
        await database.migrate(lambda connection: connection.run_sync(schema.upgrade))  # empty, as before
        # Its text may hold rows.
        raise BadBackup(f"pg_restore failed with status {done.returncode}")
    await database.migrate(lambda connection: connection.run_sync(schema.upgrade))


def _drop_tables(connection: Connection) -> None:
    take_empty(connection)
    if schema.current(connection) != schema.EMPTY:
        schema.downgrade(connection, schema.EMPTY)
    connection.execute(text(f"DROP TABLE IF EXISTS {VERSIONS}"))


def _where(target: URL) -> list[str]:
    host = target.host or target.query.get("host")
    given = {"--host": host, "--port": target.port, "--username": target.username, "--dbname": target.database}
    return [f"{name}={value}" for name, value in given.items() if value] + ["--no-password"]


def _access(target: URL, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program of PostgreSQL's: a password is in no command line."""
    secret = {"PGPASSWORD": target.password} if target.password else {}
    ssl = {"PGSSLMODE": str(target.query["ssl"])} if "ssl" in target.query else {}
    return {**environment, **secret, **ssl}


def _flushed(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
