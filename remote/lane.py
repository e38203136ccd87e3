"""Remote lane: a `Lane` of all workers of one kind, which take its jobs by way of Redis.

Each job has one answer, whatever becomes of a worker or of Redis. While these are away, finals wait for them up to
their deadlines, if the lane `holds`; else they fail at once, for another lane to do.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from pipeline.engines.entry import EngineSpec, Kind
from pipeline.errors import EngineError
from pipeline.lanes.envelope import Answered, Envelope
from pipeline.lanes.job_answers import JobAnswers, Queued
from pipeline.lanes.lane import LaneReadings
from pipeline.lanes.queue import Priority, QueuedJob
from pipeline.speech import Voice
from pipeline.timings import Timings
from pipeline.types import LanguagePairs
from remote.exchange import Exchange, Given

Job = TypeVar("Job")
Result = TypeVar("Result")

REDIS = "redis"
"""Name of the engine that is elsewhere."""
GRACE_S = 1.0
"""Time behind a job's deadline in which its worker's answer may still come."""

_PATIENT_LOOKS = 4
"""Looks for workers at the start before the log says what is awaited."""

log = logging.getLogger(__name__)


class RemoteLane(Generic[Job, Result]):
    """`async with RemoteLane("mt", "redis://…") as lane: result = await lane.do(job)`."""

    identity = ""
    """None: workers come and go."""

    def __init__(
        self,
        kind: Kind,
        url: str,
        *,
        holds: bool = True,
        bound: int = 16,
        timeout: float = 15.0,
        patience: float = 30.0,
    ) -> None:
        """Raises ValueError for a bad `url`.

        `bound` is the number of interims for each worker from which on more are refused, those of other servers
        included. In seconds: `timeout` of one run, `patience` of a job that waits.
        """
        self.spec = EngineSpec(kind, REDIS)
        self._timeout, self._patience = timeout, patience
        self._name = f"{kind} {REDIS}"
        self._answers = JobAnswers(self._name)
        self.counters = self._answers.counters
        self._exchange = Exchange(kind, url, self._answers, name=self._name, holds=holds, bound=bound)
        self._roster = self._exchange.roster

    def __repr__(self) -> str:
        return f"<RemoteLane {self._name}: {self.fault or 'ready'}, {len(self._exchange.given())} jobs, {self._roster}>"

    async def __aenter__(self) -> Self:
        await self._exchange.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exchange.close()

    @property
    def languages(self) -> frozenset[str]:
        return self._roster.languages

    @property
    def pairs(self) -> LanguagePairs:
        return self._roster.pairs

    @property
    def pivoted(self) -> LanguagePairs:
        return self._roster.pivoted

    @property
    def gist(self) -> LanguagePairs:
        return self._roster.gist

    @property
    def voices(self) -> tuple[Voice, ...]:
        return self._roster.voices

    @property
    def ready(self) -> bool:
        """True while Redis and a worker are there."""
        return self.fault is None

    @property
    def fault(self) -> str | None:
        """The reason why no worker can be had at present, or None."""
        return self._exchange.fault

    @property
    def workers(self) -> int:
        """Number of living workers."""
        return sum(self._roster.workers.values())

    @property
    def waiting(self) -> int:
        """Jobs of this lane without an answer, beyond one for each worker: which of them run, only workers know."""
        return max(0, len(self._exchange.given()) - self.workers)

    @property
    def engines(self) -> tuple[Self]:
        """Return this lane, which is the only one."""
        return (self,)

    def trouble(self, language: str) -> str | None:
        """Return None: nothing stands in for workers."""
        return None

    def readings(self) -> LaneReadings:
        """Return the present figures, with one job running at each worker."""
        given, waiting, now = self._exchange.given(), self.waiting, asyncio.get_running_loop().time()
        waited_s = max((now - one.queued.queued_at for one in given[:waiting]), default=0.0)
        by_worker = dict(self._exchange.by_worker)
        running = len(given) - waiting
        return LaneReadings(
            waiting, running, replace(self.counters), waited_s, workers=self.workers, by_worker=by_worker
        )

    def tell_times(self, timings: Timings, stage: str) -> None:
        """Tell `timings` of each run of a job from now on, as one of `stage`."""
        self._answers.tell_times(timings, stage)

    async def wait_ready(self) -> None:
        """Return once a worker is there. It may be long: nobody knows if one will come."""
        looks = 0
        while not self.ready:
            if not self._exchange.is_open:
                raise EngineError(self.fault)
            if looks == _PATIENT_LOOKS:
                log.warning("%s: %s; waiting", self._name, self.fault)
            looks += 1
            self._exchange.changed.clear()
            await self._exchange.changed.wait()

    async def do(self, job: Job, *, timeout: float | None = None, urgent: bool | Priority = True) -> Result:
        """Return a worker's result for one job: see `Lane.do`."""
        now, run_s = asyncio.get_running_loop().time(), self._timeout if timeout is None else timeout
        envelope = Envelope.seal(job, now=now, run_s=run_s, patience_s=self._patience)
        return (await self.perform(envelope, urgent=urgent)).result

    async def perform(self, envelope: Envelope[Job], *, urgent: bool | Priority = True) -> Answered[Result]:
        """Return a worker's result for an envelope's job, with its times: see `Lane.perform`."""
        loop = asyncio.get_running_loop()
        held = bool(urgent) and self._exchange.holds and self._exchange.is_open
        if self.fault is not None and not held:
            raise EngineError(f"{self._name}: {self.fault}", job=envelope.id)
        queued: Queued = QueuedJob(envelope, loop.create_future(), bool(urgent), loop.time())
        given = Given(queued)
        if isinstance(urgent, Priority):
            urgent.follow(partial(self._exchange.move_up, given))
        expiry = loop.call_at(envelope.deadline + GRACE_S, self._expire, given)
        try:
            await self._exchange.give(given)
            return cast(Answered[Result], await queued.answer)
        except asyncio.CancelledError:
            if given.waits or given.given_up:  # else its answer came at the same moment
                self._answers.withdrawn(queued)
            raise
        finally:
            expiry.cancel()
            self._exchange.leave(given)

    def _expire(self, given: Given) -> None:
        if given.waits:
            self._answers.never_ran(given.queued, self.fault or "no worker answered in time")
            self._exchange.take_back(given)
