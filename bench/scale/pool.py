"""Simulates the workers of one stage: who gets a job, which jobs share a run, and how long each waits (SimPy).

The rules are those of `remote/`: finals come first, interims are refused from a bound on, an idle worker takes jobs in
the order in which it began to wait, as many as its engine runs at once, and a busy one takes none. The queue inside a
worker is the product's own.
"""

from __future__ import annotations

import inspect
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simpy import Environment, Event

from pipeline.context import Context
from pipeline.engines.registry import Batching
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.queue import JobQueue, QueuedJob
from remote.lane import RemoteLane

INTERIMS: int = inspect.signature(RemoteLane).parameters["bound"].default
"""Interims for each worker from which on more are refused."""
_EMPTY: Envelope[Any] = Envelope(None, "", math.inf, math.inf, Context(""))
_TICK_S = 1e-6
"""Least time of a timer: a shorter one may not move the clock."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Engine of a stage. `run_s` returns the time of one run, s, by the number of jobs in it."""

    run_s: Callable[[int], float]
    batching: Batching = field(default_factory=Batching)
    around_s: float = 0.0
    """Time that a job is in the worker's hand beside its run, s: the ways to Redis and back."""


@dataclass(slots=True, eq=False)
class Job:
    """A job in the simulation. `done` happens when its answer has come."""

    urgent: bool
    asked_at: float
    done: Event
    began_at: float = math.nan


class Pool:
    """Workers of one stage, which share its two streams."""

    def __init__(self, clock: Environment, workers: int, stage: Stage) -> None:
        self.workers = workers
        self.waits: dict[bool, list[float]] = {True: [], False: []}
        """Waits of finals and of interims that were answered, s, the ways to Redis and back included."""
        self.busy_s = 0.0
        """Time of all runs that have begun."""
        self.refused = 0
        self._clock, self._stage = clock, stage
        self._streams: dict[bool, deque[Job]] = {True: deque(), False: deque()}
        self._interims = 0
        """Interims without an answer, those in hand included: the length of their stream."""
        self._idle = deque(_Worker(self, clock, stage) for _ in range(workers))

    def forget(self) -> None:
        """Forget what was measured so far: the beginning is over."""
        self.waits = {True: [], False: []}
        self.busy_s, self.refused = 0.0, 0

    def ask(self, *, urgent: bool) -> Job | None:
        """Return a new job; None for an interim that is refused."""
        if not urgent:
            if self._interims >= INTERIMS * self.workers:
                self.refused += 1
                return None
            self._interims += 1
        job = Job(urgent, self._clock.now, self._clock.event())
        self._streams[urgent].append(job)
        while self._idle and any(self._streams.values()):
            self.read(self._idle.popleft())
        return job

    def read(self, worker: _Worker) -> None:
        """Let a worker take as many jobs of one stream as it has room for, again and again; then let it wait."""
        while worker.room > 0:
            stream = self._streams[True] or self._streams[False]
            if not stream:
                if worker not in self._idle:
                    self._idle.append(worker)
                return
            worker.take([stream.popleft() for _ in range(min(worker.room, len(stream)))])

    def answered(self, job: Job) -> None:
        """Note a job's end."""
        self.waits[job.urgent].append(job.began_at - job.asked_at + self._stage.around_s)
        self._interims -= not job.urgent
        job.done.succeed()


class _Worker:
    """One engine."""

    __slots__ = ("_batch", "_busy", "_clock", "_pool", "_queue", "_running", "_stage")

    def __init__(self, pool: Pool, clock: Environment, stage: Stage) -> None:
        self._pool, self._clock, self._stage = pool, clock, stage
        self._batch = stage.batching.batch
        self._queue: JobQueue[Job] = JobQueue(stage.batching)
        self._running = False
        self._busy = 0
        """Runs whose answers are not there yet."""

    @property
    def room(self) -> int:
        """Number of jobs that it takes more; none while it is busy."""
        return 0 if self._busy else self._batch - len(self._queue)

    def take(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._queue.add(QueuedJob(_EMPTY, job, job.urgent, self._clock.now))
        self._run()

    def _run(self) -> None:
        """Begin the next run, if there is one and none is running; or come back when an interim has lingered."""
        if self._running:
            return
        now = self._clock.now
        if batch := self._queue.next_batch(now):
            self._running = True
            self._busy += 1
            run_s = self._stage.run_s(len(batch))
            self._pool.busy_s += run_s
            for one in batch:
                one.answer.began_at = now
            self._after(run_s, lambda: self._end(batch))
        elif (ripe_at := self._queue.ripe_at()) is not None:
            self._after(max(ripe_at - now, _TICK_S), self._run)

    def _end(self, batch: list[QueuedJob[Job]]) -> None:
        self._running = False
        self._after(self._stage.around_s, lambda: self._answer(batch))
        self._run()

    def _answer(self, batch: list[QueuedJob[Job]]) -> None:
        self._busy -= 1
        for one in batch:
            self._pool.answered(one.answer)
        self._pool.read(self)

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        timer = self._clock.timeout(seconds)
        assert timer.callbacks is not None
        timer.callbacks.append(lambda _: then())
