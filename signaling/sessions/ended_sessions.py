"""Ended sessions that are remembered, in the order of their ends: the oldest is forgotten first. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort

from storage.records import EndedRecord

MAX_ENDED = 20_000
"""Ended sessions that are remembered."""


class EndedSessions:
    """Records of ended sessions. They are learnt in any order: other nodes tell of theirs when somebody asks."""

    def __init__(self, most: int = MAX_ENDED) -> None:
        self._most = most
        self._records: dict[str, EndedRecord] = {}
        self._order: list[tuple[int, str]] = []
        """(time of the end, id), sorted."""

    def __repr__(self) -> str:
        return f"<EndedSessions: {len(self._records)}>"

    def remember(self, ended: EndedRecord) -> None:
        """Remember an ended session. A second call does nothing."""
        if ended.id in self._records:
            return
        self._records[ended.id] = ended
        insort(self._order, (ended.ended_at, ended.id))
        self._forget(len(self._order) - self._most)

    def forget_before(self, time: int) -> None:
        """Forget the sessions that ended before `time` (Unix epoch ms)."""
        self._forget(bisect_left(self._order, (time, "")))

    def find(self, session: str) -> EndedRecord | None:
        """Return the record of an ended session; None where there is none, or none any more."""
        return self._records.get(session)

    def had_code(self, code: str) -> bool:
        """True if a session that is remembered had this code."""
        return bool(code) and any(one.code == code for one in self._records.values())

    def _forget(self, count: int) -> None:
        """Forget the `count` oldest."""
        for _, session in self._order[: max(0, count)]:
            del self._records[session]
        del self._order[: max(0, count)]
