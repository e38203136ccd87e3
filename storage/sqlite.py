"""Snapshots of sessions and the signing key in one SQLite file, on one thread of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from storage.records import EndedRecord, SessionRecord, decode_ended, decode_session, encode

log = logging.getLogger(__name__)

T = TypeVar("T")

SCHEMA_VERSION = 1

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT",
        "CREATE TABLE ended (id TEXT PRIMARY KEY, ended_at INTEGER NOT NULL, record TEXT NOT NULL) STRICT",
        "CREATE INDEX ended_by_time ON ended (ended_at)",
    ),
)
"""At index n, the statements that lead from schema version n to n + 1."""


class StoreError(Exception):
    """A file that cannot be used at all; the message names it and says why."""


class SqliteSessions:
    """SessionSnapshots in the file at `path`, open inside `async with`.

    The path `:memory:` loses everything at the end of the scope. Entering raises StoreError. A full disk costs
    durability and is logged; calls go on.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storage")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        try:
            await self._run(self._open)
        except (sqlite3.Error, OSError) as problem:
            self._thread.shutdown()
            raise StoreError(f"{self._path}: {problem}") from problem
        except StoreError:
            self._thread.shutdown()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def signing_key(self) -> bytes:
        """Return the key of this installation: 32 random bytes, made at the first start."""
        return await self._run(self._signing_key)

    def save(self, record: SessionRecord) -> None:
        """Write the snapshot of a live session, in place of an older one."""
        self._queue("save", record.id, lambda: self._write(record))

    def end(self, ended: EndedRecord, forget_before: int) -> None:
        """Replace a session's snapshot by the record of its end; delete those from before `forget_before` (ms)."""
        self._queue("end", ended.id, lambda: self._end(ended, forget_before))

    async def load(self, forget_before: int) -> tuple[list[SessionRecord], list[EndedRecord]]:
        """Return the live sessions, and those that ended at `forget_before` (Unix epoch ms) or later.

        Snapshots that cannot be read are deleted and logged.
        """
        return await self._run(lambda: self._load(forget_before))

    async def flush(self) -> None:
        """Return once all earlier writes are in the file, or have failed and been logged."""
        await self._run(lambda: None)

    async def close(self) -> None:
        """Write everything that is queued, close the file and end the thread. Again is nothing."""
        if self._closed:
            return
        self._closed = True
        # Queued behind every write, so that nothing is lost; the thread has nothing left to do afterwards.
        closing = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closing))

    # Below: on the store's thread.

    def _open(self) -> None:
        if self._path != ":memory:":
            # The file holds the key: nobody else may read it. SQLite gives its -wal and -shm files the same mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            os.chmod(self._path, 0o600)
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA busy_timeout = 2000")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreError(f"{self._path}: made by a newer version (schema {version}, not {SCHEMA_VERSION})")
        for number in range(version, SCHEMA_VERSION):
            connection.execute("BEGIN IMMEDIATE")
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _signing_key(self) -> bytes:
        fresh = secrets.token_bytes(32)
        self._execute("INSERT OR IGNORE INTO secrets (name, value) VALUES ('signing_key', ?)", fresh)
        ((key,),) = self._execute("SELECT value FROM secrets WHERE name = 'signing_key'")
        return bytes(key)

    def _write(self, record: SessionRecord) -> None:
        self._execute(
            "INSERT INTO sessions (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
            record.id,
            encode(record),
        )

    def _end(self, ended: EndedRecord, forget_before: int) -> None:
        # The record of the end first: a process killed in between leaves both, and `_load` deletes the snapshot.
        self._execute(
            "INSERT OR REPLACE INTO ended (id, ended_at, record) VALUES (?, ?, ?)",
            ended.id,
            ended.ended_at,
            encode(ended),
        )
        self._execute("DELETE FROM sessions WHERE id = ?", ended.id)
        self._execute("DELETE FROM ended WHERE ended_at < ?", forget_before)

    def _load(self, forget_before: int) -> tuple[list[SessionRecord], list[EndedRecord]]:
        self._execute("DELETE FROM ended WHERE ended_at < ?", forget_before)
        self._execute("DELETE FROM sessions WHERE id IN (SELECT id FROM ended)")
        return self._read("sessions", decode_session), self._read("ended", decode_ended)

    def _read(self, table: str, decode: Callable[[str], T]) -> list[T]:
        records: list[T] = []
        for key, text in self._execute(f"SELECT id, record FROM {table}"):
            try:
                records.append(decode(text))
            except ValueError as problem:
                log.warning("record dropped", extra={"table": table, "id": key, "problem": str(problem)})
                self._execute(f"DELETE FROM {table} WHERE id = ?", key)
        return records

    def _execute(self, statement: str, *values: object) -> list[Any]:
        assert self._connection is not None, "the store is not open"
        return self._connection.execute(statement, values).fetchall()

    def _queue(self, operation: str, session: str, write: Callable[[], None]) -> None:
        self._thread.submit(self._attempt, operation, session, write)

    def _attempt(self, operation: str, session: str, write: Callable[[], None]) -> None:
        try:
            write()
        except sqlite3.Error as problem:
            log.error("write failed", extra={"operation": operation, "session": session, "problem": str(problem)})

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(work))
