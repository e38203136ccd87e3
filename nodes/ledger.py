"""Ledger of this node's sessions where nodes meet: writes each change in order, and keeps what it cannot write yet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from nodes.steps import Away, Result, Steps
from storage.records import EndedRecord, SessionRecord, encode

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Time between two attempts to write while nobody answers."""


@dataclass(frozen=True, slots=True)
class Ending:
    """End of a session that is to be written. Without a `record` nobody remembers it."""

    code: str
    record: str = ""
    remembered_ms: int = 0
    withdrawn: bool = False
    """True if its people have withdrawn from its history."""


class Ledger:
    """SessionSnapshots where nodes meet, for whichever goes on with a session. This process's memory counts first."""

    def __init__(self, steps: Steps, missed: Callable[[], None]) -> None:
        """`missed` is called where a session proves to be another node's, or unknown there."""
        self._steps = steps
        self._missed = missed
        self._records: dict[str, SessionRecord] = {}
        """Newest record of each live session."""
        self._waiting: dict[str, SessionRecord | Ending] = {}
        """Newest write of each session that is not done yet."""
        self._wanted = asyncio.Event()
        self._progress = asyncio.Event()
        self._away = False

    def __repr__(self) -> str:
        return f"<Ledger of {len(self._records)} sessions, {len(self._waiting)} writes wait>"

    @property
    def waiting(self) -> int:
        """The number of sessions of which a change waits to be written."""
        return len(self._waiting)

    async def load(self, forget_before: int) -> tuple[list[SessionRecord], list[EndedRecord]]:
        """Return nothing: the sessions of an earlier process are taken over as those of any node that is gone."""
        return [], []

    def save(self, record: SessionRecord) -> None:
        """Write the snapshot of a live session, in place of an older one."""
        self._records[record.id] = record
        self._write_soon(record.id, record)

    def took(self, record: SessionRecord, *, write: bool) -> None:
        """Keep the record of a session that was taken over, as it stands there. Again it is written if `write`."""
        kept = self._records.setdefault(record.id, record)
        if write:
            self._write_soon(record.id, kept)

    def end(self, ended: EndedRecord, forget_before: int) -> None:
        """Write the end of a session, which is remembered until it is older than `forget_before` (Unix epoch ms)."""
        self._records.pop(ended.id, None)
        withdrawn = bool(ended.withdrawn or ended.withdrawn_until)
        self._write_soon(ended.id, Ending(ended.code, encode(ended), ended.ended_at - forget_before, withdrawn))

    def release(self, session: str, code: str) -> None:
        """Forget a session that never was, or whose end comes right behind."""
        self._records.pop(session, None)
        self._write_soon(session, Ending(code))

    def forget(self, session: str) -> None:
        """Write nothing more of a session that is another node's."""
        self._records.pop(session, None)
        self._waiting.pop(session, None)

    def ends(self, session: str) -> bool:
        """True if the session's end is still to be written."""
        return isinstance(self._waiting.get(session), Ending)

    def encoded(self, session: str) -> str:
        """Return the newest record of a live session as it stands there; nothing of one that is not made yet."""
        record = self._records.get(session)
        return "" if record is None else encode(record)

    async def flush(self) -> None:
        """Return once all earlier writes are done, or once nobody answers."""
        mine = dict(self._waiting)
        while not self._away and any(self._waiting.get(session) is write for session, write in mine.items()):
            await self._progress.wait()

    async def close(self) -> None:
        """Flush. A second call does nothing."""
        await self.flush()

    async def run(self) -> None:
        """Write until cancelled. Never fails."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._waiting:
                session, write = next(iter(self._waiting.items()))
                try:
                    result = await self._write(session, write)
                except Away as error:
                    log.debug("a write waits: %s", error)
                    self._note(away=True)
                    await asyncio.sleep(RETRY_S)
                    continue
                if self._waiting.get(session) is write:
                    del self._waiting[session]
                self._note(away=False)
                if result in (Result.LOST, Result.GONE):
                    self._missed()

    async def _write(self, session: str, write: SessionRecord | Ending) -> Result:
        if isinstance(write, Ending):
            given = session, write.code, write.record, write.remembered_ms
            return await self._steps.end(*given, withdrawn=write.withdrawn)
        return await self._steps.save(session, encode(write))

    def _write_soon(self, session: str, write: SessionRecord | Ending) -> None:
        self._waiting[session] = write
        self._wanted.set()

    def _note(self, *, away: bool) -> None:
        """Wake who waits for writes. The next ones wait for the next progress."""
        self._away = away
        self._progress.set()
        self._progress = asyncio.Event()
