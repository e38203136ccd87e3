"""Bounded line of audit entries on their way to the store: noting one never waits and never raises."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from accounts.audit_events import OK, AuditEvent
from storage.accounts.ports import AuditLog, Unavailable
from storage.accounts.records import AuditEntry

log = logging.getLogger(__name__)

MOST_WAITING = 2000
RETRY_S = 1.0
"""Time between two attempts while the database is away."""


def _uncounted(event: str, outcome: str) -> None:
    return


class Audit:
    """Entries in the order of their noting. Those that come while `MOST_WAITING` wait are lost, and counted."""

    def __init__(
        self,
        entries: AuditLog,
        now_ms: Callable[[], int],
        count: Callable[[str, str], None] = _uncounted,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """`count` gets the event and the outcome of each entry, those that are lost too."""
        self._entries = entries
        self._now_ms = now_ms
        self._count = count
        self._most_waiting = most_waiting
        self._waiting: deque[AuditEntry] = deque()
        self._noted = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self.lost = 0
        """Entries that were not written."""

    def __repr__(self) -> str:
        return f"<Audit, {len(self._waiting)} waiting, {self.lost} lost>"

    def note(
        self,
        event: AuditEvent,
        outcome: str = OK,
        *,
        user: str | None = None,
        session: str | None = None,
        client: str = "",
        kept: bool = True,
        **details: str,
    ) -> None:
        """Note an event. `outcome` is `ok` or the code of a refusal; `details` holds no name, address or token.

        One that is not `kept` is counted only.
        """
        self._count(event.value, outcome)
        if not kept:
            return
        if len(self._waiting) >= self._most_waiting:
            self.lost += 1
            return
        self._waiting.append(AuditEntry(self._now_ms(), event.value, outcome, user, session, client, details))
        self._empty.clear()
        self._noted.set()

    async def run(self) -> None:
        """Write entries until cancelled. An entry that the database refuses is lost; one that it misses waits."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            while self._waiting:
                await self._write(self._waiting[0])
                self._waiting.popleft()
            self._empty.set()

    async def finish(self, timeout: float) -> None:
        """Wait until all that was noted is written, for `timeout` seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._empty.wait()
        if self._waiting:
            self.lost += len(self._waiting)
            log.error("audit entries are lost", extra={"count": len(self._waiting)})

    async def _write(self, entry: AuditEntry) -> None:
        while True:
            try:
                await self._entries.add(entry)
                return
            except Unavailable:
                await asyncio.sleep(RETRY_S)
            # The log's boundary: an entry that can't be written costs itself and no other.
            except Exception:
                log.exception("an audit entry could not be written", extra={"event": entry.event})
                self.lost += 1
                return
