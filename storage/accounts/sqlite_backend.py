"""SQLite as the accounts' database: one file that only we may read, one writer, deleted rows overwritten."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.accounts.database import STATEMENT_S, Backend

CONNECTIONS = 4
"""Connections at most: one that writes, others that read beside it. Each is a thread."""
BUSY_MS = 4000
"""Wait for another process that writes: `dragoman user`, or a backup."""
STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock, about a millisecond."""

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was acknowledged outlives a loss of power
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
)


def sqlite_backend(url: URL) -> Backend:
    """Return the backend for the file that `url` names. Raises OSError where it can't be made."""
    path = url.database
    assert path, "a file"
    # Nobody else may read the file. SQLite gives its -wal and -shm files the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    os.chmod(path, 0o600)
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=STATEMENT_S,
        connect_args={"timeout": BUSY_MS / 1000},
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return Backend(engine, (sqlite3.Error,), asyncio.Lock(), _truncate_log)


def _prepare(connection: Any, record: Any) -> None:
    """Set up a new connection. A statement is interrupted once the deadline of its transaction is over."""
    connection.isolation_level = None  # the driver begins no transactions: `_begin` does
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    info = record.info

    def late() -> bool:
        return bool(time.monotonic() > info.get("deadline", float("inf")))

    connection.run_async(lambda driver: driver.set_progress_handler(late, STEPS))


def _begin(connection: Connection) -> None:
    """Begin a transaction; one that writes takes the lock at once, for it could not have it later."""
    options = connection.get_execution_options()
    connection.info["deadline"] = float("inf") if options.get("patient") else time.monotonic() + STATEMENT_S
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


async def _truncate_log(connection: AsyncConnection) -> bool:
    """Move the write-ahead log into the file and cut it to nothing: it holds older versions of pages."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
        (busy, *_) = await cursor.fetchone()
    return not busy
