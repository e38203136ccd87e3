"""Transactions of the accounts' database: their time, their second tries, and errors without a row's content."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.accounts.ports import Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

STATEMENT_S = 5.0
"""Longest time of one statement, seconds."""
TRANSACTION_S = 8.0
"""Longest time of a transaction, with the wait for a connection and for its turn, seconds."""
TRIES = 5
"""Tries of a transaction that lost a race against another one: each looks anew at what is there."""
AGAIN_S = 10.0
"""Time after an erasure that failed in which only deletions try again, seconds: all writers wait for a try."""
LOST_RACES = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock: the server has undone the transaction."""

BUSY = "SQLITE_BUSY"
"""Error of SQLite where two processes open a new file at the same time. It comes at once, without the usual wait."""
BUSY_S = 0.5
"""Pause before the next try then, seconds."""

Work = Callable[[AsyncConnection], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Backend:
    """One kind of database, as `sqlite_backend.py` and `postgres_backend.py` make it."""

    engine: AsyncEngine
    errors: tuple[type[Exception], ...]
    """Errors of its driver that SQLAlchemy does not wrap."""
    turn: AbstractAsyncContextManager[object]
    """Held during a transaction that writes, where the database has one writer at a time."""
    erase: Callable[[AsyncConnection], Awaitable[bool]]
    """Remove what was deleted from the logs of the database, too. False if others still read it."""
    snapshot: Mapping[str, str] = field(default_factory=dict)
    """Options of a transaction that sees one moment of the database, where that is not the rule."""


class Database:
    """Runs work in transactions. Each raises Unavailable where the database can't do it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._writing = backend.engine.execution_options(writes=True)
        self._patient = backend.engine.execution_options(writes=True, patient=True)
        self._snapshot = backend.engine.execution_options(patient=True, **backend.snapshot)
        self._unerased = True
        self._failed_at = float("-inf")

    def __repr__(self) -> str:
        return f"Database({self._backend.engine.dialect.name}, unerased={self._unerased})"

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads, in one transaction."""
        try:
            async with asyncio.timeout(TRANSACTION_S), self._backend.engine.begin() as connection:
                return await work(connection)
        except self._failures as error:
            raise unavailable(error) from None

    async def write(self, work: Work[T], *, erases: bool | Callable[[T], bool] = False) -> T:
        """Run work in one transaction, again if it lost a race.

        `erases`: true if the work, or the work with this result, deletes what nobody may read again.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                async with asyncio.timeout(TRANSACTION_S) as limit, self._backend.turn:
                    async with self._writing.begin() as connection:
                        result = await work(connection)
                        deleted = erases(result) if callable(erases) else erases
                        self._unerased |= deleted  # before the commit, whose answer may be lost
                    limit.reschedule(None)  # it is done: what follows can't undo it
                    await self._erase(at_once=deleted)
                    return result
            except self._failures as error:
                if not tries_left or not _lost_race(error):
                    raise unavailable(error) from None
        raise AssertionError("unreachable")

    async def migrate(self, work: Work[T]) -> T:
        """Run work in one transaction without a limit of time, again if others open the file at the same moment."""
        for tries_left in reversed(range(TRIES)):
            try:
                async with self._backend.turn:
                    async with self._patient.begin() as connection:
                        result = await work(connection)
                    self._unerased = True
                    await self._erase(at_once=True)
                    return result
            except self._failures as error:
                if not tries_left or _code(error) != BUSY:
                    raise unavailable(error) from None
            await asyncio.sleep(BUSY_S)
        raise AssertionError("unreachable")

    async def erase(self) -> None:
        """Erase what was deleted by transactions that did not."""
        async with self._backend.turn:
            self._unerased = True
            await self._erase(at_once=True)

    async def snapshot(self, work: Work[T]) -> T:
        """Run work that reads everything as it is in one moment, without a limit of time."""
        try:
            async with self._snapshot.begin() as connection:
                return await work(connection)
        except self._failures as error:
            raise unavailable(error) from None

    async def close(self) -> None:
        """Close every connection."""
        await self._backend.engine.dispose()

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        return (SQLAlchemyError, OSError, TimeoutError, *self._backend.errors)

    async def _erase(self, *, at_once: bool) -> None:
        """Erase what this transaction or an earlier one deleted.

        A failure is made up for by the next deletion, or by the first write `AGAIN_S` later.
        """
        if not self._unerased or not (at_once or time.monotonic() - self._failed_at >= AGAIN_S):
            return
        try:
            async with self._backend.engine.connect() as connection:
                self._unerased = not await self._backend.erase(connection)
        except self._failures as error:
            log.warning("deleted rows are not erased yet", extra={"problem": reason(error)})
        self._failed_at = time.monotonic() if self._unerased else float("-inf")


def unavailable(error: BaseException) -> Unavailable:
    """Return the exception for an error of SQLAlchemy, of a driver or of the system."""
    return Unavailable(f"the accounts' database failed: {reason(error)}")


def reason(error: BaseException) -> str:
    """Return the kind of an error with its code. Its text may hold the content of rows, and stays out."""
    cause = getattr(error, "orig", None) or error
    code = _code(error)
    return f"{type(cause).__name__} {code}" if code else type(cause).__name__


def _code(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or "")


def _lost_race(error: BaseException) -> bool:
    return isinstance(error, IntegrityError) or _code(error) in LOST_RACES
