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
CUT_MS = 100
"""Wait for those that read the log before it is cut, longer than a reading of ours: all writers wait meanwhile."""
MADE_ANEW_BYTES = 64 * 2**20
"""Size of a file up to which a deletion makes it anew, in memory: half a second of one thread and of the writers."""
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
    return Backend(engine, (sqlite3.Error,), asyncio.Lock(), _overwrite)


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


async def _overwrite(connection: AsyncConnection) -> bool:
    """Rid the file and its log of deleted rows. False if others still read the log.

    `secure_delete` overwrites a row where it lies, but not its copies in the gaps of pages that were split or joined
    before. VACUUM makes all pages anew. The write-ahead log holds older versions of pages: it is cut to nothing.
    """
    raw = await connection.get_raw_connection()
    raw.info["deadline"] = float("inf")
    driver = raw.driver_connection
    assert driver is not None
    if not await _cut(driver):  # pages that are made anew would only lengthen the log
        return False
    (size,) = await _row(driver, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    if size > MADE_ANEW_BYTES:
        return True
    await driver.execute("VACUUM")
    return await _cut(driver)


async def _cut(driver: Any) -> bool:
    """Move the log into the file and cut it to nothing. False if others still read it, such as a backup."""
    await _row(driver, f"PRAGMA busy_timeout = {CUT_MS}")
    try:
        busy, *_ = await _row(driver, "PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        await _row(driver, f"PRAGMA busy_timeout = {BUSY_MS}")
    return not busy


async def _row(driver: Any, statement: str) -> Any:
    async with driver.execute(statement) as cursor:
        return await cursor.fetchone()
