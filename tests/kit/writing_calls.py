"""The writer of calls over a real database that fails when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader, OpenedHistory
from accounts.keeping.writer import CallWriter, WriterOptions
from storage.accounts.ports import AccountStore
from storage.accounts.records import Call, CallParticipant, User
from tests.kit.failing_store import FailingStore, Faults
from tests.kit.history_entries import ANA, BO

KEY = bytes(32)
NOW = 1_700_000_000_000
PEOPLE = (CallParticipant(ANA, "u_ana", "Ana", "es"), CallParticipant(BO, "u_bo", "Bo", "en"))
CALL = Call("s_1", 1000, 2000, participants=PEOPLE)
USER = User("u_ana", "ana", "ana@example.org", True, None, "es", 1)
QUICK = WriterOptions(slow_s=60.0, again_s=0.02)  # a busy machine is no trouble
SLOW = replace(QUICK, slow_s=0.1)


@dataclass
class Scene:
    """A writer, and its database without the faults."""

    store: AccountStore
    failing: Any
    faults: Faults
    writer: CallWriter
    keys: OperatorKeys

    async def history(self, session: str = "s_1", keys: OperatorKeys | None = None) -> OpenedHistory:
        async with HistoryReader(self.store.histories, keys or self.keys, lambda: NOW) as reader:
            return await reader.read(session)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def writing(store: AccountStore, days: int = 30, options: WriterOptions = QUICK) -> AsyncIterator[Scene]:
    """Run a writer over `store`."""
    faults, keys = Faults(), OperatorKeys([KEY])
    failing: Any = FailingStore(store, faults)
    writer = CallWriter(failing, keys, days, lambda: NOW, options)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(writer.run())
        yield Scene(store, failing, faults, writer, keys)
        running.cancel()
