"""Deliveries of jobs to one worker: reads streams, keeps what it has in hand its own, and takes over from the dead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from remote.connection import Client
from remote.job_scripts import STREAM_LIFE_MS
from remote.keys import GROUP, Keys
from remote.worker_offer import Offer

BEAT_S = 0.3
"""Time between two signs of life of a worker, and of the jobs that it has in hand."""
DEAD_MS = 1200
"""Time without a sign of life from which a job is taken over by another worker."""
OFFER_LIFE_MS = 60_000
CONSUMER_LIFE_MS = 600_000
"""Idle time from which a worker that is gone is forgotten by its group."""
MOST_DELIVERIES = 2
"""Deliveries of one job. A third worker is not tried."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry of a stream of jobs, as it came to this worker."""

    stream: str
    entry: bytes
    fields: dict[bytes, bytes]
    urgent: bool
    number: int = 1
    """2 if a worker died, or stood still, that had it before; beyond `MOST_DELIVERIES` it is not to be run."""


class Deliveries:
    """The streams of one offer, as the consumer `name` sees them."""

    def __init__(self, redis: Client, keys: Keys, offer: Offer, name: str) -> None:
        self.name = name
        self._redis, self._keys, self._stays = redis, keys, True
        self._id, self._encoded = offer.id, offer.encoded()
        self._streams = {urgent: keys.jobs(self._id, urgent=urgent) for urgent in (True, False)}

    async def open(self) -> None:
        """Make the streams, their groups and the offer known. Redis may have forgotten them."""
        for stream in self._streams.values():
            try:
                await self._redis.xgroup_create(stream, GROUP, "0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
        await self._redis.set(self._keys.offer(self._id), self._encoded, px=OFFER_LIFE_MS)

    async def read(self, most: int, *, urgent: bool) -> list[Delivery]:
        """Return up to `most` new jobs of one priority, without waiting."""
        return self._of(await self._redis.xreadgroup(GROUP, self.name, {self._streams[urgent]: ">"}, count=most))

    async def wait(self, block_ms: int) -> list[Delivery]:
        """Return the next job of either priority, or two if both come at once; none after `block_ms`."""
        streams = dict.fromkeys(self._streams.values(), ">")
        return self._of(await self._redis.xreadgroup(GROUP, self.name, streams, count=1, block=block_ms))

    def _of(self, found: Iterable[tuple[bytes, Iterable[tuple[bytes, dict[bytes, bytes]]]]]) -> list[Delivery]:
        urgent = {stream.encode(): urgent for urgent, stream in self._streams.items()}
        return [
            Delivery(stream.decode(), entry, fields, urgent[stream])
            for stream, entries in found
            for entry, fields in entries
        ]

    async def beat(self, in_hand: Iterable[Delivery]) -> float:
        """Say that this worker and the jobs that it has in hand are alive. Return the time of Redis's clock, ms.

        Raises ResponseError where Redis has forgotten the streams.
        """
        held = list(in_hand)
        seconds, microseconds = await self._redis.time()
        now_ms = float(seconds * 1000 + microseconds / 1000)
        async with self._redis.pipeline(transaction=False) as asked:
            if self._stays:
                asked.zadd(self._keys.workers, {f"{self._id}/{self.name}": now_ms})
            asked.zremrangebyscore(self._keys.workers, 0, now_ms - CONSUMER_LIFE_MS)
            asked.pexpire(self._keys.offer(self._id), OFFER_LIFE_MS)
            for stream in self._streams.values():
                asked.pexpire(stream, STREAM_LIFE_MS)
                if mine := [one.entry for one in held if one.stream == stream]:
                    asked.xclaim(stream, GROUP, self.name, 0, mine, justid=True)
            answers = await asked.execute()
        if any(one is False for one in answers):  # a life that was to be prolonged; counts are numbers
            raise ResponseError("NOGROUP: the offer or a stream is gone")
        return now_ms

    async def take_over(self, most: int) -> list[Delivery]:
        """Claim jobs of workers that show no sign of life any more."""
        found: list[Delivery] = []
        for urgent, stream in self._streams.items():
            if len(found) >= most:
                break
            _, entries, _ = await self._redis.xautoclaim(stream, GROUP, self.name, DEAD_MS, count=most)
            for entry, fields in entries:
                pending = await self._redis.xpending_range(stream, GROUP, entry, entry, 1)
                number = pending[0]["times_delivered"] if pending else MOST_DELIVERIES + 1
                found.append(Delivery(stream, entry, fields, urgent, number))
        return found

    async def forget_the_dead(self) -> None:
        """Remove consumers from the groups that are idle for long and have no job."""
        for stream in self._streams.values():
            for name in _idle(await self._redis.xinfo_consumers(stream, GROUP)):
                await self._redis.xgroup_delconsumer(stream, GROUP, name)

    async def leave(self) -> None:
        """Say that this worker takes no more jobs. Those that it has in hand stay its own."""
        self._stays = False
        await self._redis.zrem(self._keys.workers, f"{self._id}/{self.name}")


def _idle(consumers: Iterable[dict[str, Any]]) -> Iterator[str]:
    return (one["name"] for one in consumers if one["idle"] > CONSUMER_LIFE_MS and not one["pending"])
