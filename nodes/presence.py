"""Presence of this node: renews its lease, sees the other nodes, and decides if it may let people in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from nodes.roster import EVEN, Facts, Roster
from nodes.steps import Away, Result, Steps
from signaling.sessions.directory import Load

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeaseOptions:
    """Times of a lease."""

    lease_s: float = 4.0
    """Time after its last sign of life from which a node's sessions may be taken over."""
    beat_s: float = 1.0
    """Time between two signs of life."""
    forgets: bool = True
    """True if the place where nodes meet may lose everything while nodes live, as Redis may."""
    even: float = EVEN
    """Difference of two loads, 0..1, up to which a new session stays where its request came."""


class Sessions(Protocol):
    """Sessions of this node where nodes meet, as its signs of life have them looked after. All raise Away."""

    async def check(self) -> None:
        """Look at all sessions here: others may have taken them, or Redis may have forgotten them."""
        ...

    async def withdraw_again(self) -> None:
        """Withdraw from histories of ended sessions what a node that is gone may not have come to."""
        ...

    async def sweep(self, node: str) -> bool:
        """End what a node left behind that nobody came back to. Return True if nothing of it is left."""
        ...


SWEPT_AFTER_S = 3600
"""Time after which what a node left behind is ended. A node may be cut off from Redis and still have its people."""


class Presence:
    """The lease of one node, and its view of the others. No sessions are in here."""

    def __init__(
        self, steps: Steps, options: LeaseOptions, load: Callable[[], Load], steady: Callable[[], float]
    ) -> None:
        """`load`: this node's. `steady`: a clock in seconds that never goes back."""
        self._steps = steps
        self._options = options
        self._load = load
        self._steady = steady
        self._lease_ms = int(options.lease_s * 1000)
        self.roster = Roster(steps.name, self._lease_ms, options.even)
        self._url: str | None = None
        self._listening = asyncio.Event()
        self._held_until = float("-inf")
        self._left = False
        self._answered_at = float("-inf")
        self._new_at = float("inf")
        """Time at which Redis last knew nothing of this node: at its start, or once Redis had forgotten all."""
        self._lonely_since: float | None = None
        """Time since which Redis has named no other node; None while there is one, or while nobody knows."""
        self._must_check = True
        self._took_back = False
        self._must_withdraw = True
        """True at the start, and once a node has gone: it may have ended sessions without the last writes of theirs."""
        self._logged = False
        self.fault: str | None = f"nobody has asked {steps.where} yet"
        """Reason for which Redis is taken to be away; None while it answers."""

    def __repr__(self) -> str:
        lease = "left" if self._left else "held" if self.holds else "lapsed"
        return f"<Presence {self._steps.name}, lease {lease}, {self.fault or 'no fault'}, {self.roster!r}>"

    @property
    def holds(self) -> bool:
        """True while no other node can have taken over a session of this one."""
        return not self._left and self._steady() < self._held_until

    @property
    def alone(self) -> bool:
        """True while Redis is away that had named no other node for the time of a lease."""
        if self.fault is None or self._left or self._lonely_since is None:
            return False
        return self._answered_at - self._lonely_since >= self._options.lease_s

    @property
    def sure(self) -> bool:
        """True once all nodes have had the time to make their sessions known to this Redis."""
        if not self._options.forgets:
            return self._answered_at > float("-inf")
        return self._answered_at - self._new_at >= self._options.lease_s

    @property
    def admits(self) -> bool:
        """True while this node may let people in, and take them back."""
        return self.holds or self.alone

    def listens(self, url: str) -> None:
        """Begin to be there: other nodes reach this one at `url`."""
        self._url = url
        self._listening.set()

    def demand_check(self) -> None:
        """Let the next sign of life be followed by a look at all sessions: one was found to be another node's."""
        self._must_check = True

    async def run(self, sessions: Sessions) -> None:
        """Show signs of life until cancelled."""
        await self._listening.wait()
        while True:
            await self.beat(sessions)
            await asyncio.sleep(self._options.beat_s)

    async def beat(self, sessions: Sessions) -> None:
        """Show one sign of life. Never fails."""
        try:
            await self._beat(sessions)
        except Away as error:
            self._note_away(str(error))

    async def _beat(self, sessions: Sessions) -> None:
        if self._left:
            return
        asked_at, known = self._steady(), set(self.roster.others)
        result, now_ms, facts = await self._steps.beat(Facts(self._url or "", self._load()).encoded(), self._lease_ms)
        self.roster.take(now_ms, facts)
        self._must_withdraw = self._must_withdraw or bool(known - self.roster.others.keys())
        self._look(result)
        if result is Result.TAKEN:
            self._note_away("another process has the name of this node")
            return
        self._must_check = self._must_check or result is Result.NEW or self.fault is not None
        if self.fault is not None:
            if self._logged:
                log.warning("%s answers again", self._steps.where)
            self._logged = False
            self.fault = None
        if self._must_check:
            self._must_check = False
            try:
                await sessions.check()
            except Away:
                self._must_check = True
                raise
        # Counted from before the question: Redis counts from later, so others see this lease as longer.
        self._held_until = asked_at + self._options.lease_s
        if self._must_withdraw:
            await sessions.withdraw_again()
            self._must_withdraw = False
        if not self._took_back:
            self._took_back = await sessions.sweep(self._steps.name)  # of an earlier process of this name
        if self._load().has_room:
            for name in self.roster.gone(now_ms, facts, SWEPT_AFTER_S * 1000):
                await sessions.sweep(name)

    async def leave(self) -> None:
        """Give the lease up: other nodes may take all sessions. Nothing is shown any more."""
        self._left = True
        try:
            await self._steps.leave()
        except Away as error:
            log.warning("the lease could not be given up, and runs out: %s", error)

    def _look(self, result: Result) -> None:
        """Note if there are others. A Redis that has just begun, or forgotten all, knows of nobody yet."""
        self._answered_at = self._steady()
        if result is Result.NEW:
            self._new_at = self._answered_at
        if result is Result.TAKEN or self.roster.others:
            self._lonely_since = None
        elif result is Result.NEW or self._lonely_since is None:
            self._lonely_since = self._answered_at

    def _note_away(self, reason: str) -> None:
        if not self._logged:
            log.error("%s is away: %s", self._steps.where, reason)
            self._logged = True
        self.fault = reason
        self._must_check = True
