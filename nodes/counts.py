"""Limits that nodes share: each counts at once what comes to it, and learns a little later what came to others."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from nodes.lua import ROOMS
from remote.connection import AWAY, Client, in_words
from signaling.rate_limits import LocalRateLimiter, Rate, RateLimiter

log = logging.getLogger(__name__)

EVERY_S = 0.5
"""Time between two exchanges: an address may do this much more on each node."""
MOST = 5_000
"""Keys of which counts wait for an exchange. Beyond it a flood is counted by each node for itself."""
MOST_READ = 1000
"""Entries of the stream that are read at a time."""
KEPT_MS = 30_000
"""Time after which counts are gone from Redis: each node has read them."""
_STREAM = f"{ROOMS}counts"

Counted = tuple[str, str]
"""(name of a limit, key)."""


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
        """Count events that came to another node."""
        for _ in range(min(times, self._most)):
            self._local.count(key, now)


class SharedCounts:
    """Counts of all limits of one node, and their exchange by a stream in Redis."""

    def __init__(self, redis: Client, token: str, steady: Callable[[], float]) -> None:
        self._redis = redis
        self._token = token
        self._steady = steady
        self._limiters: dict[str, SharedLimiter] = {}
        self._fresh: Counter[Counted] = Counter()
        self._read = "0"
        """Id of the stream's last entry that was read."""

    def __repr__(self) -> str:
        return f"<SharedCounts of {len(self._limiters)} limits, {len(self._fresh)} to say>"

    def limiter(self, name: str, rate: Rate) -> RateLimiter:
        """Return the limiter of a limit that all nodes share."""
        limiter = self._limiters[name] = SharedLimiter(name, rate, self._count)
        return limiter

    async def run(self) -> None:
        """Exchange counts until cancelled. While Redis is away, each node counts for itself. Never fails."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.exchange()
            except AWAY as error:
                log.debug("counts are not exchanged: %s", in_words(error))

    async def exchange(self) -> None:
        """Tell the others what was counted here, and count what they tell. Raises an error of `AWAY`."""
        if self._fresh:
            fresh, self._fresh = self._fresh, Counter()
            said = [[name, key, times] for (name, key), times in fresh.items()]
            seconds, _ = await self._redis.time()
            oldest = f"{seconds * 1000 - KEPT_MS}-0"
            fields = {"from": self._token, "counts": json.dumps(said, separators=(",", ":"))}
            async with self._redis.pipeline(transaction=False) as asked:
                asked.xadd(_STREAM, fields, minid=oldest, approximate=True)
                asked.pexpire(_STREAM, KEPT_MS)
                await asked.execute()
        answer = await self._redis.xread({_STREAM: self._read}, count=MOST_READ)
        for entry, heard in (answer or [(b"", [])])[0][1]:
            self._read = entry.decode()
            try:
                if heard.get(b"from", b"").decode() != self._token:
                    self._hear(heard.get(b"counts", b"[]"))
            except (ValueError, TypeError, KeyError) as problem:
                log.warning("counts of another node can't be read", extra={"problem": type(problem).__name__})

    def _hear(self, text: bytes) -> None:
        now = self._steady()
        found: Any = json.loads(text)
        for name, key, times in found:
            limiter = self._limiters.get(name)
            if limiter is not None:
                limiter.hear(key, times, now)

    def _count(self, counted: Counted) -> None:
        if counted in self._fresh or len(self._fresh) < MOST:
            self._fresh[counted] += 1
