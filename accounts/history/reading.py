"""Opens histories, on a thread of its own: a long one would keep frames waiting on the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from accounts.history.entry import Entry, Missing
from accounts.history.operator_keys import OperatorKeys, Unreadable
from accounts.history.sealing import opened
from accounts.history.slices import in_slices
from storage.accounts.ports import Histories
from storage.accounts.records import DataKey, SealedEntry

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenedHistory:
    """A session's history, in the order of speech."""

    entries: tuple[Entry, ...] = ()
    missing: tuple[Missing, ...] = ()
    """Entries that could not be kept, or can't be opened."""


class HistoryReader:
    """Histories of a database, inside `async with`. All methods raise Unavailable."""

    def __init__(self, histories: Histories, keys: OperatorKeys, now_ms: Callable[[], int]) -> None:
        """`now_ms` returns Unix epoch milliseconds: entries whose time is over are not shown."""
        self._histories = histories
        self._keys = keys
        self._now_ms = now_ms
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="histories")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    async def read(self, session: str) -> OpenedHistory:
        """Return a session's history; an empty one where nothing is kept."""
        key = await self._histories.key(session)
        if key is None:
            return OpenedHistory()
        rows, _ = await self._histories.entries(session, now=self._now_ms())
        return await self.work(self._open, key, rows)

    async def mentions(self, session: str, words: str) -> bool:
        """True if a text of the session's history holds `words`, whatever its capitals."""
        history = await self.read(session)
        sought = words.casefold()
        return await self.work(
            lambda: any(
                sought in one.original.casefold() or sought in one.translated.casefold()
                for one in in_slices(history.entries)
            )
        )

    async def withdraw(self, session: str, participant: str) -> None:
        """Delete what the participant said."""
        await self._histories.withdraw(session, participant)

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function on the thread. A long one works `in_slices`."""
        return await asyncio.wrap_future(self._thread.submit(function, *args, **kwargs))

    def _open(self, key: DataKey, rows: list[SealedEntry]) -> OpenedHistory:
        try:
            plain = self._keys.open(key)
        except Unreadable as problem:
            log.error("a history can't be opened", extra={"session": key.session, "reason": str(problem)})
            return OpenedHistory((), (Missing(rows[0].start_ms, rows[-1].start_ms, len(rows)),) if rows else ())
        entries, missing = opened(plain, in_slices(rows))
        return OpenedHistory(tuple(entries), tuple(missing))
