"""Limits that nodes share: each counts at once what comes to it, and learns a little later what came to others."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from nodes.steps import Away
from signaling.rate_limits import LocalRateLimiter, Rate, RateLimiter

log = logging.getLogger(__name__)

EVERY_S = 0.5
"""Time between two exchanges: what an address does on each node within it may exceed a limit, and is paid for later."""
MOST = 5_000
"""Keys of which counts wait for an exchange. Beyond it a flood is counted by each node for itself."""

Counted: TypeAlias = tuple[str, str]
"""(name of a limit, key)."""
Times: TypeAlias = tuple[str, str, int]
"""(name of a limit, key, times that it was counted)."""


class Exchange(Protocol):
    """Exchange of counts between nodes."""

    async def exchange(self, said: Sequence[Times]) -> Sequence[Times]:
        """Tell the other nodes what was counted here, and return what they have told since. Raises Away."""
        ...


class SharedLimiter:
    """A RateLimiter of this node that tells the others what it counts."""

    def __init__(self, name: str, rate: Rate, note: Callable[[Counted], None]) -> None:
        self._local = LocalRateLimiter(rate)
        self._name = name
        self._most = rate.count
        self._note = note

    def wait(self, key: str, now: float) -> float:
        return self._local.wait(key, now)

    def consume(self, key: str, now: float) -> float:
        wait = self._local.consume(key, now)
        if wait <= 0:
            self._note((self._name, key))
        return wait

    def count(self, key: str, now: float) -> None:
        self._local.count(key, now)
        self._note((self._name, key))

    def hear(self, key: str, times: int, now: float) -> None:
        """Count events that came to another node. Those beyond the limit are paid for later."""
        for _ in range(min(times, self._most)):
            self._local.charge(key, now)


class SharedCounts:
    """Counts of all limits of one node."""

    def __init__(self, others: Exchange, steady: Callable[[], float]) -> None:
        self._others = others
        self._steady = steady
        self._limiters: dict[str, SharedLimiter] = {}
        self._fresh: Counter[Counted] = Counter()

    def __repr__(self) -> str:
        return f"<SharedCounts of {len(self._limiters)} limits, {len(self._fresh)} to say>"

    def limiter(self, name: str, rate: Rate) -> RateLimiter:
        """Return the limiter of a limit that all nodes share."""
        limiter = self._limiters[name] = SharedLimiter(name, rate, self._count)
        return limiter

    async def run(self) -> None:
        """Exchange counts until cancelled. While nobody answers, each node counts for itself. Never fails."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.exchange()
            except Away as error:
                log.debug("counts are not exchanged: %s", error)

    async def exchange(self) -> None:
        """Tell the others what was counted here, and count what they tell. Raises Away."""
        fresh, self._fresh = self._fresh, Counter()
        heard = await self._others.exchange([(name, key, times) for (name, key), times in fresh.items()])
        now = self._steady()
        for name, key, times in heard:
            limiter = self._limiters.get(name)
            if limiter is not None:
                limiter.hear(key, times, now)

    def _count(self, counted: Counted) -> None:
        if counted in self._fresh or len(self._fresh) < MOST:
            self._fresh[counted] += 1
