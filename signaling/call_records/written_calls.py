"""Calls and their usage on their way to the accounts' database: the `CallLog` of a server that has accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from accounts.keeping.writer import CallWriter
from media.events import RoomEvent
from signaling.call_records.people import people_of
from signaling.call_records.usage_meter import UsageMeter
from storage.accounts.records import Call, Usage
from storage.records import SessionRecord

EVERY_S = 30.0
"""Time after which usage is written while a call goes on: as much is lost at most if the process is killed."""


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class _Metered:
    written_at: float
    meter: UsageMeter = field(default_factory=UsageMeter)


class WrittenCalls:
    """Calls from their pairing to their end. An event of one is a few additions."""

    def __init__(self, writer: CallWriter, now: Callable[[], float] = _loop_time) -> None:
        """`now` returns loop time, seconds."""
        self._writer = writer
        self._now = now
        self._metered: dict[str, _Metered] = {}

    def __repr__(self) -> str:
        return f"<WrittenCalls of {len(self._metered)} sessions>"

    def paired(self, session: SessionRecord) -> None:
        """Write that a call began."""
        self._save(session)

    def observe(self, session: SessionRecord, event: RoomEvent) -> None:
        """Meter an event."""
        now = self._now()
        metered = self._metered.get(session.id)
        if metered is None:
            metered = self._metered[session.id] = _Metered(now)
        metered.meter.observe(event, now)
        if now - metered.written_at >= EVERY_S:
            metered.written_at = now
            self._write_usage(session, metered.meter)

    def handed_over(self, session: SessionRecord) -> None:
        """Write the usage that this process has metered."""
        metered = self._metered.pop(session.id, None)
        if metered is not None and session.started_at is not None:
            metered.meter.end(self._now())
            self._write_usage(session, metered.meter)

    def ended(self, session: SessionRecord, ended_at: int, reason: str, metrics: Mapping[str, object]) -> None:
        """Write that a call ended, and its usage. Nothing for a session that was never paired."""
        self.handed_over(session)
        if session.started_at is not None:
            self._save(session, ended_at, reason, metrics)

    def _write_usage(self, session: SessionRecord, meter: UsageMeter) -> None:
        users = {one.id: one.user for one in session.participants}
        totals = {users[one]: used for one, used in meter.totals().items() if one in users}
        if any(used != Usage() for used in totals.values()):
            self._writer.use(session.id, people_of(session), totals)

    def _save(
        self,
        session: SessionRecord,
        ended_at: int | None = None,
        reason: str = "",
        metrics: Mapping[str, object] | None = None,
    ) -> None:
        assert session.started_at is not None
        self._writer.save(
            Call(
                session=session.id,
                created_at=session.created_at,
                started_at=session.started_at,
                ended_at=ended_at,
                reason=reason,
                participants=people_of(session),
                metrics=metrics or {},
            )
        )
