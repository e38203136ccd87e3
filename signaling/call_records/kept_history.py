"""History of calls in the accounts' database: the `History` of a server that has a key for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from accounts.history.entry import Missing
from accounts.keeping.writer import CallWriter
from media.events import RoomEvent
from signaling.call_records.history_entries import HistoryEntries
from signaling.call_records.people import people_of
from signaling.history_off import HistoryOff
from storage.records import SessionRecord


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class _Session:
    changed: Callable[[], None]
    entries: HistoryEntries = field(default_factory=HistoryEntries)


class KeptHistory:
    """Entries of every session in which all consent, on their way to the database."""

    def __init__(self, writer: CallWriter, wall: Callable[[], float], now: Callable[[], float] = _loop_time) -> None:
        """`wall` returns Unix epoch seconds, `now` loop time."""
        self._writer = writer
        self._wall = wall
        self._now = now
        self._sessions: dict[str, _Session] = {}

    def __repr__(self) -> str:
        return f"<KeptHistory of {len(self._sessions)} sessions, {self._writer!r}>"

    def off(self, session: str) -> HistoryOff | None:
        """Return why nothing of a session is kept now; None while everything is."""
        return None if self._writer.keeps(session) else HistoryOff.UNAVAILABLE

    def open(self, session: str, changed: Callable[[], None]) -> None:
        """Begin with a session. `changed` is called whenever its `off` changes."""
        self._sessions[session] = _Session(changed)
        self._writer.watch(session, lambda: self._changed(session))

    def append(self, session: SessionRecord, event: RoomEvent) -> None:
        """Keep what `event` adds to the history of a session in which all consent."""
        found = self._sessions[session.id].entries.observe(
            event,
            keeping=self.off(session.id) is None,
            names={one.id: one.name for one in session.participants},
            now=self._now(),
            wall_ms=int(self._wall() * 1000),
        )
        for kept in found:
            if isinstance(kept, Missing):
                self._writer.miss(session.id, people_of(session), kept)
            else:
                self._writer.keep(session.id, people_of(session), kept)

    def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        """Delete what the participant said, and keep nothing of what is being said."""
        if session in self._sessions:
            self._sessions[session].entries.discard()
        self._writer.withdraw(session, participant, until)

    def close(self, session: str) -> None:
        """End with a session."""
        self._sessions.pop(session, None)
        self._writer.unwatch(session)

    def _changed(self, session: str) -> None:
        one = self._sessions[session]
        if self.off(session) is not None:
            one.entries.interrupt()
        one.changed()
