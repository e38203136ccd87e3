"""Directory of sessions that nodes share: finds a session's node, and takes over those whose node is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from nodes.ledger import Ledger
from nodes.presence import Presence
from nodes.roster import Facts
from nodes.steps import Away, Located, Result, Steps
from signaling.sessions.directory import DirectoryAway, Elsewhere, Here, Host, Load, Over, Place, Taken, Vacant
from storage.records import EndedRecord, SessionRecord, decode_ended, decode_session

log = logging.getLogger(__name__)

TRIES = 200
"""Codes that are tried for one session. Where all are used, there are nearly as many sessions as codes."""
LEAVE_S = 2.0
"""Time in which a node that stops writes what is unread, of all its sessions: their people wait for it."""


class SharedDirectory:
    """A `Directory` for one of several nodes. While nobody answers, it knows this node's own sessions."""

    def __init__(
        self,
        steps: Steps,
        presence: Presence,
        ledger: Ledger,
        websocket_url: Callable[[str], str | None],
        random_code: Callable[[], str],
    ) -> None:
        """`websocket_url`: (name of a node) → its WebSocket as clients reach it; None where all have one address."""
        self._steps = steps
        self._presence = presence
        self._ledger = ledger
        self._websocket_url = websocket_url
        self._random_code = random_code
        self._host: Host | None = None
        self._mine: dict[str, Here] = {}
        """This node's sessions, by id and by code."""
        self.taken_over = 0
        """Sessions that this node has taken from nodes that were gone, or from an earlier process of its name."""

    def __repr__(self) -> str:
        return f"<SharedDirectory, {len(set(self._mine.values()))} sessions here, {self._presence!r}>"

    @property
    def away(self) -> bool:
        return self._presence.fault is not None

    @property
    def admits(self) -> bool:
        return self._presence.admits

    @property
    def has_others(self) -> bool:
        return self._presence.fault is None and bool(self._presence.roster.others)

    @property
    def load(self) -> Load:
        """Load of this node."""
        return Load(0.0, False) if self._host is None else self._host.load

    def attend(self, host: Host) -> None:
        self._host = host

    def lighter(self) -> Elsewhere | None:
        mine, roster = self.load, self._presence.roster
        name = roster.lighter(mine) if self._presence.fault is None else None
        if name is None:
            return None
        roster.sent(name, mine.of_one)
        return self._elsewhere(name, roster.others[name])

    @property
    def others_take(self) -> bool:
        one_address = self._websocket_url(self._steps.name) is None
        return one_address and self._presence.fault is None and bool(self._presence.roster.by_load())

    async def claim(self, session: str, code: str | None = None) -> Here:
        for _ in range(TRIES if self._presence.fault is None else 0):
            digits = self._random_code() if code is None else code
            try:
                result = await self._steps.claim(session, digits)
            except Away:
                break
            if result is Result.CLAIMED:
                return self._have(session, digits)
            if result is Result.LAPSED:
                break
        if not self._presence.alone:
            raise DirectoryAway
        digits = self._random_code() if code is None else code
        while digits in self._mine:
            digits = self._random_code()
        return self._have(session, digits)

    async def locate(self, name: str) -> Place | None:
        if self._presence.fault is not None:
            return self._local(name)
        try:
            found = await self._steps.locate(name)
        except Away:
            return self._local(name)
        if isinstance(found, bytes):
            return Over(decode_ended(found.decode()))
        if isinstance(found, Located):
            return self._judge(found)
        known = found is None and self._presence.sure and name not in self._mine
        return None if known else self._local(name)

    def _judge(self, found: Located) -> Place | None:
        """Return the place of a session as the other nodes see it. Raises DirectoryAway."""
        if (found.node, found.token) == (self._steps.name, self._steps.token):
            if self._ledger.ends(found.session):
                return None
            if found.session not in self._mine:
                return Vacant(found.session)  # taken over, and the answer was lost
            return self._local(found.session)
        if found.facts is None:
            return Vacant(found.session, _decoded(found.record))
        facts = Facts.decoded(found.facts.partition(" ")[2])
        if facts is None:
            raise DirectoryAway
        return self._elsewhere(found.node, facts)

    def _local(self, name: str) -> Here | None:
        """Return the place of a session that no other node can have. Raises DirectoryAway where one may have it."""
        place = self._mine.get(name)
        if not self._presence.admits or (place is None and not self._presence.alone):
            raise DirectoryAway
        return place

    async def take_over(self, session: str) -> Taken | None:
        try:
            result, code, record, unread = await self._steps.take_over(session)
        except Away:
            raise DirectoryAway from None
        if result is Result.LAPSED:
            raise DirectoryAway
        if result is not Result.TAKEN or session in self._mine or self._ledger.ends(session):
            return None
        try:
            found = decode_session(record.decode())
        except ValueError as problem:
            log.warning("record dropped", extra={"session": session, "problem": str(problem)})
            self._ledger.release(session, code)
            return None
        self._have(session, code)
        self._ledger.took(found, write=bool(unread))  # the write ends what was unread: it is here now
        self.taken_over += 1
        return Taken(found, unread)

    def release(self, session: str) -> None:
        place = self._mine.pop(session, None)
        if place is not None:
            self._mine.pop(place.code, None)
            self._ledger.release(session, place.code)

    async def leave(self, unread: Mapping[str, str]) -> Sequence[str]:
        names = self._presence.roster.by_load() or sorted(self._presence.roster.others)
        await self._ledger.flush()
        with suppress(TimeoutError):  # what is late costs a gap
            async with asyncio.timeout(LEAVE_S), asyncio.TaskGroup() as tasks:
                for session, text in unread.items():
                    tasks.create_task(self._leave_unread(session, text))
        await self._presence.leave()
        return [url for name in names if (url := self._websocket_url(name)) is not None]

    async def _leave_unread(self, session: str, text: str) -> None:
        with suppress(Away):
            await self._steps.leave_unread(session, text)

    async def check(self) -> None:
        """Give up the sessions that other nodes have; make the others known again. Raises Away."""
        for place in set(self._mine.values()):
            if place.session not in self._mine:
                continue  # it ended meanwhile
            record = self._ledger.encoded(place.session)
            if not record:
                continue  # it is not made yet: its first write makes it known
            result, owner = await self._steps.hold(place.session, place.code, record)
            if result is Result.LOST and self._mine.get(place.session) is place:
                self._lose(place, owner)
        if self._host is not None:
            self._host.rearm()

    async def withdraw_again(self) -> None:
        """Withdraw from the histories of ended sessions: the nodes that ended them may not have come to it.

        Raises Away.
        """
        assert self._host is not None
        found = [_decoded_end(record) for record in await self._steps.withdrawn()]
        self._host.withdraw_again([one for one in found if one is not None])

    async def sweep(self, node: str) -> bool:
        """Take what a node left behind: people who come back find it, and else it ends.

        Return True if nothing of it is left. Raises Away.
        """
        assert self._host is not None
        whole = True
        for session in await self._steps.left_by(node):
            if self._host.lives(session):
                whole = whole and node == self._steps.name  # a copy that was given up is still closing here
                continue
            try:
                taken = await self.take_over(session)
            except DirectoryAway:
                return False
            if taken is not None:
                self._host.take(taken.record, taken.unread)
        if whole and node != self._steps.name:
            await self._steps.forget(node)
        return whole

    def _lose(self, place: Here, owner: str) -> None:
        log.warning("session is another node's", extra={"session": place.session, "node": owner})
        del self._mine[place.session]
        self._mine.pop(place.code, None)
        self._ledger.forget(place.session)
        assert self._host is not None
        self._host.give_up(place.session, self._websocket_url(owner))

    def _have(self, session: str, code: str) -> Here:
        place = Here(session, code, self._websocket_url(self._steps.name))
        self._mine[session] = place
        if code:
            self._mine[code] = place
        return place

    def _elsewhere(self, name: str, facts: Facts) -> Elsewhere:
        return Elsewhere(name, self._websocket_url(name), facts.url)


def _decoded(record: str) -> SessionRecord | None:
    """Return a session's record; None where there is none that can be read."""
    try:
        return decode_session(record)
    except ValueError:
        return None


def _decoded_end(record: str) -> EndedRecord | None:
    """Return an ended session's record; None where it can't be read."""
    try:
        return decode_ended(record)
    except ValueError as problem:
        log.warning("record of an ended session can't be read", extra={"problem": str(problem)})
        return None
