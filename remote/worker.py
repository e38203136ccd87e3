"""Worker: serves one engine's lane to all servers of a Redis. Finals come before interims.

It reads jobs for engines that are idle, as many as these run at once, and hands them over together, so that they share
batches. Those that wait in Redis can still be refused, overtaken, or taken by another worker. An answer goes out in one
step with the job's end, so no job is both answered and open.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from pipeline.engines.entry import Kind
from pipeline.errors import EngineError, EngineLost
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.lane import Lane
from pipeline.lanes.pipe_messages import JobDone, JobFailed
from remote.answer import RemoteAnswer
from remote.ask import Ask, milliseconds_of
from remote.codec import JOBS, Unreadable, decode
from remote.connection import AWAY, connect, in_words
from remote.deliveries import BEAT_S, MOST_DELIVERIES, Deliveries, Delivery
from remote.job_scripts import JobScripts
from remote.keys import Keys
from remote.worker_offer import Offer

FORGET_EVERY = 200
"""Signs of life between two looks for consumers that are gone."""

log = logging.getLogger(__name__)


class Worker:
    """One engine at work for others: `await Worker(…).run(stop)`."""

    def __init__(
        self, kind: Kind, url: str, lane: Lane[Any, Any], *, name: str, processes: int = 1, batch: int = 1
    ) -> None:
        """`lane` is open. It has `processes` engines, each of which runs up to `batch` jobs at once.

        `name` is the worker's in metrics; several may have the same. Raises ValueError for a bad `url`.
        """
        self._kind, self._lane, self._name = kind, lane, name
        self._processes, self._batch = processes, batch
        self._redis = connect(url)
        self._keys = Keys(kind)
        self._scripts = JobScripts(self._redis, self._keys)
        self._consumer = f"{name}-{secrets.token_hex(4)}"
        self._in_hand: dict[tuple[str, bytes], Delivery] = {}
        self._answering = 0
        """Jobs in hand whose answer is on its way."""
        self._freed = asyncio.Event()
        self._redis_ahead_ms = 0.0
        """Redis's clock minus loop time."""
        self._next_look = 0.0
        """Loop time from which jobs of the dead are looked for again."""
        self._away = False

    def __repr__(self) -> str:
        away = ", Redis is away" if self._away else ""
        return f"<Worker {self._kind} {self._consumer}: {len(self._in_hand)} in hand, room for {self._free}{away}>"

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`, then end what is in hand. Raises `EngineError` if the engine can't be loaded."""
        await self._lane.wait_ready()
        deliveries = Deliveries(self._redis, self._keys, Offer.of(self._lane), self._consumer)
        try:
            async with asyncio.TaskGroup() as jobs, asyncio.TaskGroup() as loops:
                beats = loops.create_task(self._beat(deliveries))
                reading = loops.create_task(self._read(deliveries, jobs))
                await stop.wait()
                reading.cancel()
                with suppress(*AWAY):
                    await deliveries.leave()
                while self._in_hand:
                    await self._until_freed()
                beats.cancel()
        finally:
            await self._redis.aclose()

    async def _beat(self, deliveries: Deliveries) -> NoReturn:
        """Show that this worker and its jobs are alive, and mend what Redis has forgotten."""
        known, beats = False, 0
        while True:
            try:
                if not known:
                    await deliveries.open()
                self._redis_ahead_ms = await deliveries.beat(self._in_hand.values()) - _now() * 1000
                if beats % FORGET_EVERY == 0:
                    await deliveries.forget_the_dead()
                known = self._found()
                beats += 1
            except AWAY as error:
                known = self._lost(error)
            await asyncio.sleep(BEAT_S)

    def _found(self) -> bool:
        if self._away:
            log.info("%s: Redis is there again", self._name)
        self._away = False
        return True

    def _lost(self, error: BaseException) -> bool:
        if not self._away:
            log.error("%s: Redis is away: %s", self._name, in_words(error))
        self._away = True
        return False

    async def _read(self, deliveries: Deliveries, jobs: asyncio.TaskGroup) -> NoReturn:
        """Take jobs while an engine is idle: interims if no final waits. A busy worker leaves them to others."""
        while True:
            while (free := self._free) <= 0:
                await self._until_freed()
            try:
                found = (
                    await self._left_by_the_dead(deliveries, free)
                    or await deliveries.read(free, urgent=True)
                    or await deliveries.read(free, urgent=False)
                    or await deliveries.wait(round(BEAT_S * 1000))
                )
            except AWAY:  # the beats tell of it, and mend it
                await asyncio.sleep(BEAT_S)
                continue
            if fresh := self._noted(found):
                await asyncio.wait([jobs.create_task(self._begin(fresh, jobs))])  # it goes on where this is cancelled

    async def _left_by_the_dead(self, deliveries: Deliveries, most: int) -> list[Delivery]:
        """Return jobs whose worker is dead. They have waited, so they come first; once there are none, for a beat."""
        if _now() < self._next_look:
            return []
        found = await deliveries.take_over(most)
        if not found:
            self._next_look = _now() + BEAT_S
        return found

    @property
    def _free(self) -> int:
        """Number of jobs that idle engines can take, beyond those that wait for them here.

        An engine that runs fewer jobs than it could is busy. Of several such engines some count as idle, and up to a
        batch for each waits here. Answers that can't be sent let no more than a second round of jobs come.
        """
        running = self._lane.readings().running
        waiting = len(self._in_hand) - running - self._answering
        idle = self._processes - math.ceil(running / self._batch)
        return min(idle * self._batch - waiting, 2 * self._processes * self._batch - len(self._in_hand))

    async def _until_freed(self) -> None:
        self._freed.clear()
        await self._freed.wait()

    def _noted(self, found: Iterable[Delivery]) -> list[Delivery]:
        """Take deliveries in hand, and return those that were not."""
        fresh = {(one.stream, one.entry): one for one in found}
        fresh = {key: one for key, one in fresh.items() if key not in self._in_hand}
        self._in_hand |= fresh
        return list(fresh.values())

    async def _begin(self, fresh: Sequence[Delivery], jobs: asyncio.TaskGroup) -> None:
        """Give jobs to the lane, all in one step: a job that came alone would run alone."""
        asks: list[tuple[Delivery, Ask]] = []
        for delivery in fresh:
            try:
                asks.append((delivery, Ask.of_fields(delivery.fields)))
            except Unreadable as error:
                jobs.create_task(self._serve(delivery, self._drop_unreadable(delivery, error)))
        try:
            async with self._redis.pipeline(transaction=False) as asked:
                for _, ask in asks:
                    asked.get(self._keys.payload(ask.id))
                payloads = await asked.execute()
        except AWAY as error:
            self._left_to_others(error)
            for delivery, _ in asks:
                self._end(delivery)
            return
        for (delivery, ask), payload in zip(asks, payloads, strict=True):
            jobs.create_task(self._serve(delivery, self._do(delivery, ask, payload)))

    async def _serve(self, delivery: Delivery, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AWAY as error:
            self._left_to_others(error)
        finally:
            self._end(delivery)

    def _left_to_others(self, error: BaseException) -> None:
        log.error("%s: a job is left to others: Redis is away: %s", self._name, in_words(error))

    def _end(self, delivery: Delivery) -> None:
        del self._in_hand[delivery.stream, delivery.entry]
        self._freed.set()

    async def _drop_unreadable(self, delivery: Delivery, error: Unreadable) -> None:
        await self._scripts.bury("", f"the envelope can't be read: {error}", delivery.number)
        await self._scripts.drop("", delivery.stream, delivery.entry)

    async def _do(self, delivery: Delivery, ask: Ask, payload: bytes | None) -> None:
        """Do one job and answer it, or drop it if nobody waits for it any more."""
        envelope = self._envelope(ask, delivery)
        if payload is None or envelope.deadline <= _now():
            await self._scripts.drop(ask.id, delivery.stream, delivery.entry)
            return
        answer = await self._answer(envelope, payload, delivery)
        self._answering += 1
        self._freed.set()
        try:
            await self._send(answer, ask.asker, envelope.deadline, delivery)
        finally:
            self._answering -= 1

    async def _send(self, answer: RemoteAnswer, asker: str, deadline: float, delivery: Delivery) -> None:
        """Send an answer, again while Redis is away, until the deadline."""
        while True:
            try:
                await self._scripts.answer(asker, answer, delivery.stream, delivery.entry)
                return
            except AWAY:
                if _now() > deadline:
                    raise
                await asyncio.sleep(BEAT_S)

    def _envelope(self, ask: Ask, delivery: Delivery) -> Envelope[Any]:
        now = _now()
        entry_ms, redis_ms = milliseconds_of(delivery.entry), now * 1000 + self._redis_ahead_ms
        return ask.envelope(None, entry_ms=entry_ms, redis_ms=redis_ms, now=now, attempt=delivery.number)

    async def _answer(self, envelope: Envelope[Any], payload: bytes, delivery: Delivery) -> RemoteAnswer:
        """Return the engine's answer. Jobs of which engines or workers died are buried, too."""
        job, attempt = envelope.id, delivery.number
        try:
            if delivery.number > MOST_DELIVERIES:
                raise EngineLost(f"{MOST_DELIVERIES} workers died of it, or stood still")
            sealed = Envelope(
                decode(JOBS[self._kind], payload), job, envelope.deadline, envelope.run_s, envelope.context, attempt
            )
            answered = await self._lane.perform(sealed, urgent=delivery.urgent)
        except (EngineLost, Unreadable) as error:
            await self._scripts.bury(job, str(error), delivery.number)
            return RemoteAnswer(job, self._name, 0.0, attempt, JobFailed(str(error)))
        except EngineError as error:
            return RemoteAnswer(job, self._name, 0.0, attempt, JobFailed(str(error)))
        ran_ms = (answered.finished_at - answered.started_at) * 1000
        return RemoteAnswer(job, self._name, ran_ms, answered.attempt, JobDone(answered.result))


def _now() -> float:
    return asyncio.get_running_loop().time()
