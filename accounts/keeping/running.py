"""Keeping of calls while it runs: builds its parts over an open store, and owns their tasks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from accounts.history.long_looks import LongLookOptions, LongLooks
from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader
from accounts.history.upkeep import keep_up
from accounts.keeping.retention import DAY_MS, DAYS
from accounts.keeping.writer import CallWriter, WriterOptions
from accounts.past_calls import PastCalls
from storage.accounts.ports import AccountStore

FINISH_S = 5.0
"""Time at the end in which something must be written, while anything waits."""
LONGEST_FINISH_S = 12.0
"""Time at the end for all of it: with the last sentences it must end before systemd kills the server (30 s)."""


@dataclass(frozen=True, slots=True)
class KeepingOptions:
    """Options of what is kept of calls."""

    keys: OperatorKeys = field(default_factory=OperatorKeys)
    """Without any, no history is kept."""
    retention_days: int = DAYS
    """Days for which histories are kept."""
    writer: WriterOptions = field(default_factory=WriterOptions)
    long_looks: LongLookOptions = field(default_factory=LongLookOptions)


@dataclass(frozen=True, slots=True)
class KeptCalls:
    """Calls of a server: the line that writes them, and the two ways to read them."""

    writer: CallWriter
    reader: HistoryReader
    past: PastCalls
    long_looks: LongLooks
    keeps_history: bool
    retention_days: int
    """Days for which this server keeps histories at most."""


@asynccontextmanager
async def keep_calls(
    store: AccountStore, options: KeepingOptions, *, wall: Callable[[], float] = time.time
) -> AsyncIterator[KeptCalls]:
    """Yield the kept calls of `store`, which stays open for longer. `wall` is a clock in Unix epoch seconds."""

    def now_ms() -> int:
        return int(wall() * 1000)

    writer = CallWriter(store, options.keys, options.retention_days, now_ms, options.writer)
    async with HistoryReader(store.histories, options.keys, now_ms) as reader, asyncio.TaskGroup() as tasks:
        upkeep = keep_up(store, options.keys, options.retention_days * DAY_MS, now_ms)
        running = [
            tasks.create_task(writer.run(), name="writer of calls"),
            tasks.create_task(upkeep, name="upkeep of calls"),
        ]
        try:
            past, long_looks = PastCalls(store, reader), LongLooks(options.long_looks)
            yield KeptCalls(writer, reader, past, long_looks, bool(options.keys), options.retention_days)
        finally:
            await writer.finish(FINISH_S, LONGEST_FINISH_S)
            for task in running:
                task.cancel()
