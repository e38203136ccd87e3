"""Keeps in a parent which of its processes has which session, as `nodes.lua` does for nodes in Redis.

Every method is one step, on one event loop, and so atomic. A session is its owner's while it carries the owner's name
and token, and the owner's lease holds. Answers are plain JSON: they go through a socket.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nodes.steps import UNREAD_MS, Result
from signaling.sessions.ended_sessions import MAX_ENDED
from storage.records import EndedRecord, SessionRecord, decode_ended, decode_session, encode
from storage.session_snapshots import SessionSnapshots

log = logging.getLogger(__name__)

MOST_COUNTS = 20_000
"""Counts that wait for one process. One that takes none is about to be started anew."""


@dataclass(slots=True)
class _Lease:
    token: str
    seen_ms: int
    until_ms: int


@dataclass(slots=True)
class _Session:
    node: str
    token: str
    code: str
    until_ms: int
    record: str = ""
    unread: str = ""
    """Subtitles that its people may not have yet, left until `unread_until_ms`."""
    unread_until_ms: int = 0
    took: bool = False
    """True from a takeover until its process writes the record: it has what was unread then."""


@dataclass(frozen=True, slots=True)
class _Ended:
    record: str
    code: str
    until_ms: int
    withdrawn: bool


class RoomsInMemory:
    """Leases, sessions and codes of several processes. `snapshots` outlive them all."""

    def __init__(self, snapshots: SessionSnapshots, life_ms: int, now_ms: Callable[[], int]) -> None:
        """`life_ms`: time after which a session that nobody writes is forgotten. `now_ms` never goes back."""
        self._snapshots = snapshots
        self._life_ms = life_ms
        self._now_ms = now_ms
        self._leases: dict[str, _Lease] = {}
        self._left_ms: dict[str, int] = {}
        """Times at which processes that still run gave their leases up."""
        self._facts: dict[str, str] = {}
        self._sessions: dict[str, _Session] = {}
        self._codes: dict[str, str] = {}
        self._ended: dict[str, _Ended] = {}
        self._codes_of_ended: dict[str, str] = {}
        self._counts: defaultdict[str, list[Any]] = defaultdict(list)

    def __repr__(self) -> str:
        return f"<RoomsInMemory, {len(self._sessions)} sessions of {', '.join(sorted(self._leases)) or 'nobody'}>"

    def restore(
        self, live: Sequence[SessionRecord], ended: Iterable[EndedRecord], names: Sequence[str], forget_before: int
    ) -> None:
        """Take in what earlier processes left behind: `names` take their sessions back as their own, in turn."""
        for index, record in enumerate(live):
            self._keep(record.id, _Session(names[index % len(names)], "", record.code, 0, encode(record)))
        for one in ended:
            self._remember(one, encode(one), one.ended_at - forget_before)

    # Steps, as `nodes.steps.Steps` describes them. (name, token) is the process that asks.

    def beat(self, name: str, token: str, facts: str, lease_ms: int) -> list[Any]:
        held, now = self._lease(name), self._now_ms()
        result = Result.NEW if held is None else Result.RENEWED if held.token == token else Result.TAKEN
        if result is not Result.TAKEN:
            self._leases[name] = _Lease(token, now, now + lease_ms)
            self._facts[name] = f"{now} {facts}"
        self._expire(now)
        return [result, now, self._facts]

    def leave(self, name: str, token: str) -> None:
        held = self._leases.get(name)
        if held is not None and held.token == token:
            self.gone(name)
            self._left_ms[name] = self._now_ms()

    def gone(self, name: str) -> None:
        """Take the lease of a process that has ended."""
        self._leases.pop(name, None)
        self._left_ms.pop(name, None)
        self._counts.pop(name, None)
        if name in self._facts:
            self._facts[name] = f"{self._now_ms()} "

    def silent_ms(self, name: str) -> int:
        """Return the time since the last sign of life of a process that has a lease, or had one until it ran out."""
        held = self._leases.get(name)
        return 0 if held is None else self._now_ms() - held.seen_ms

    def ending_ms(self, name: str) -> int:
        """Return the time since a process that still runs gave its lease up; 0 for one that has not."""
        return self._now_ms() - self._left_ms.get(name, self._now_ms())

    def claim(self, name: str, token: str, session: str, code: str) -> str:
        if not self._lives(name, token):
            return Result.LAPSED
        if code and code in self._codes:
            return Result.USED
        self._keep(session, _Session(name, token, code, 0))
        return Result.CLAIMED

    def locate(self, name: str, token: str, asked: str) -> Any:
        id = self._codes.get(asked, asked)
        found = self._sessions.get(id)
        if found is None:
            over = self._ended.get(self._codes_of_ended.get(asked, asked))
            if over is not None:
                return over.record
            return None if self._lives(name, token) else [Result.LAPSED]
        facts = self._facts.get(found.node, "") if self._lives(found.node, found.token) else None
        return [id, found.code, found.node, found.token, facts, found.record if facts is None else ""]

    def take_over(self, name: str, token: str, session: str) -> list[str]:
        if not self._lives(name, token):
            return [Result.LAPSED]
        found = self._sessions.get(session)
        if found is None:
            return [Result.GONE]
        mine = (found.node, found.token) == (name, token)
        if self._lives(found.node, found.token) and (not mine or not found.record):
            return [Result.HELD]
        if not found.record:
            self._drop(session)
            return [Result.GONE]
        unread = found.unread if self._now_ms() < found.unread_until_ms else ""
        found.node, found.token, found.until_ms = name, token, self._now_ms() + self._life_ms
        found.took = True
        return [Result.TAKEN, found.code, found.record, unread]

    def leave_unread(self, name: str, token: str, session: str, text: str) -> str:
        found = self._sessions.get(session)
        if found is None:
            return Result.GONE
        if (found.node, found.token) != (name, token):
            return Result.LOST
        found.unread, found.unread_until_ms, found.took = text, self._now_ms() + UNREAD_MS, False
        return Result.SAVED

    def save(self, name: str, token: str, session: str, record: str) -> str:
        found = self._sessions.get(session)
        if found is None:
            return Result.GONE
        if (found.node, found.token) != (name, token):
            return Result.LOST
        found.record, found.until_ms = record, self._now_ms() + self._life_ms
        if found.took:
            found.unread, found.took = "", False
        self._snapshots.save(decode_session(record))
        return Result.SAVED

    def hold(self, name: str, token: str, session: str, code: str, record: str) -> list[str]:
        found = self._sessions.get(session)
        if found is not None:
            return [Result.HELD] if (found.node, found.token) == (name, token) else [Result.LOST, found.node]
        if session in self._ended:
            return [Result.LOST, name]
        self._keep(session, _Session(name, token, code, 0, record))
        return [Result.HELD]

    def end(self, name: str, token: str, session: str, code: str, record: str, remembered_ms: int) -> str:
        found = self._sessions.get(session)
        if found is not None and (found.node, found.token) != (name, token):
            return Result.LOST
        self._drop(session)
        if record:
            ended = decode_ended(record)
            self._remember(ended, record, remembered_ms)
            self._snapshots.end(ended, ended.ended_at - remembered_ms)
        return Result.ENDED

    def left_by(self, name: str, token: str, node: str) -> list[str]:
        return [id for id, found in self._sessions.items() if found.node == node]

    def forget(self, name: str, token: str, node: str) -> None:
        self._facts.pop(node, None)

    def withdrawn(self, name: str, token: str) -> list[str]:
        return [one.record for one in self._ended.values() if one.withdrawn]

    def exchange(self, name: str, token: str, said: list[Any]) -> list[Any]:
        """Keep what `name` has counted for the others, and return what they have counted since."""
        for other in self._leases:
            if other != name and len(self._counts[other]) + len(said) <= MOST_COUNTS:
                self._counts[other] += said
        return self._counts.pop(name, [])

    def _lease(self, name: str) -> _Lease | None:
        held = self._leases.get(name)
        return held if held is not None and held.until_ms > self._now_ms() else None

    def _lives(self, name: str, token: str) -> bool:
        held = self._lease(name)
        return held is not None and held.token == token

    def _keep(self, id: str, session: _Session) -> None:
        session.until_ms = self._now_ms() + self._life_ms
        self._sessions[id] = session
        if session.code:
            self._codes.setdefault(session.code, id)

    def _drop(self, id: str) -> None:
        found = self._sessions.pop(id, None)
        if found is not None and self._codes.get(found.code) == id:
            del self._codes[found.code]

    def _remember(self, ended: EndedRecord, record: str, for_ms: int) -> None:
        self._ended.pop(ended.id, None)
        withdrawn = bool(ended.withdrawn or ended.withdrawn_until)
        self._ended[ended.id] = _Ended(record, ended.code, self._now_ms() + for_ms, withdrawn)
        if ended.code:
            self._codes_of_ended[ended.code] = ended.id
        if len(self._ended) > MAX_ENDED:
            self._forget(next(iter(self._ended)))

    def _forget(self, id: str) -> None:
        ended = self._ended.pop(id)
        if self._codes_of_ended.get(ended.code) == id:
            del self._codes_of_ended[ended.code]

    def _expire(self, now: int) -> None:
        for id in [id for id, one in self._sessions.items() if one.until_ms <= now]:
            log.warning("session forgotten: nobody has written it", extra={"session": id})
            self._drop(id)
        for session in self._sessions.values():
            if session.unread_until_ms <= now:
                session.unread = ""
        for id, ended in list(self._ended.items()):  # in the order of their ends, all remembered for the same time
            if ended.until_ms > now:
                break
            self._forget(id)
