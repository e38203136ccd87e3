"""Local lane: queues jobs for engine processes here, kills one that hangs, and replaces one that died.

An engine's trouble stops here. A job that raises costs itself. An engine that hangs or dies is killed and started anew,
and the jobs that were with it are tried again alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from pipeline.engines import registry
from pipeline.engines.registry import Batching, EngineSpec
from pipeline.errors import EngineError, EngineLost, LaneBusy, ProcessGone
from pipeline.lanes.envelope import Answered, Envelope
from pipeline.lanes.job_answers import JobAnswers, Queued
from pipeline.lanes.lane import LaneReadings, RunningProcess
from pipeline.lanes.process import EngineHost, EngineProcess
from pipeline.lanes.queue import JobQueue, Priority, QueuedJob
from pipeline.owned_tasks import OwnedTasks
from pipeline.speech import Voice
from pipeline.timings import Timings
from pipeline.types import LanguagePairs

Job = TypeVar("Job")
Result = TypeVar("Result")

_CHANCES = 2  # runs that a job gets if the engine's process dies under it: it need not be the job's fault
_LONGEST_BACKOFF_S = 30.0

log = logging.getLogger(__name__)


class LocalLane(Generic[Job, Result]):
    """A `Lane`: `async with LocalLane(spec) as lane: result = await lane.do(job)`."""

    def __init__(
        self,
        spec: EngineSpec,
        *,
        processes: int = 1,
        batch: int | None = None,
        linger_ms: float | None = None,
        bound: int = 16,
        timeout: float = 15.0,
        patience: float = 30.0,
        start_timeout: float = 120.0,
        nice: int = 10,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Open `processes` engines, each in its own process; they share the queue.

        `batch` and `linger_ms` are those of `registry.Batching`; None: what the registry says of the engine.
        `bound` is the number of waiting jobs from which on interims are refused.
        In seconds: `timeout` of one run, `patience` of a job in the queue, `start_timeout` of loading.
        `nice` is added to the processes' niceness.
        `environment` is what the processes see of ours; None: what `child_environment` allows.
        """
        self.spec = spec
        self.languages: frozenset[str] = frozenset()
        self.pairs: LanguagePairs = frozenset()
        self.pivoted: LanguagePairs = frozenset()
        self.gist: LanguagePairs = frozenset()
        self.identity = ""
        self.voices: tuple[Voice, ...] = ()
        self._name = f"{spec.kind} {spec.name}"
        self._answers = JobAnswers(self._name)
        self.counters = self._answers.counters
        self._processes = processes
        self._queue: JobQueue[asyncio.Future[Answered[Any]]] = JobQueue(self._usual_batching().but(batch, linger_ms))
        self._bound, self._timeout, self._patience = bound, timeout, patience
        self._start_timeout, self._nice, self._environment = start_timeout, nice, environment
        self._wake = asyncio.Event()
        self._state_changed = asyncio.Event()
        self._hosts: dict[int, EngineHost] = {}
        self._up = self._running = 0
        self._fault: str | None = "the lane is not open"
        self._tasks = OwnedTasks()

    def __repr__(self) -> str:
        state = "ready" if self.ready else self._fault or "starting"
        return f"<{type(self).__name__} {self._name}: {state}, {self.waiting} waiting, {self.running} running>"

    def _usual_batching(self) -> Batching:
        return registry.find(self.spec).batching(self.spec.options)

    def _new_host(self) -> EngineHost:
        return EngineProcess(self.spec, nice=self._nice, environment=self._environment, on_exit=self._wake.set)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._fault = None
        for number in range(self._processes):
            self._tasks.start(self._serve(number))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fault = "the lane is closed"
        self._fail_waiting()
        await self._tasks.__aexit__(kind, error, trace)

    @property
    def ready(self) -> bool:
        """True once an engine is loaded, warm and alive."""
        return self._up > 0

    @property
    def fault(self) -> str | None:
        """The reason why no engine can be had at present, or None."""
        return self._fault

    @property
    def waiting(self) -> int:
        """Jobs in the queue, without those that run."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """Jobs that an engine has in hand."""
        return self._running

    @property
    def engines(self) -> tuple[Self]:
        """Return this lane, which is the only one."""
        return (self,)

    @property
    def pids(self) -> list[int]:
        """Return the ids of the engine's processes."""
        return [host.pid for host in self._hosts.values() if host.pid is not None]

    def tell_times(self, timings: Timings, stage: str) -> None:
        """Tell `timings` of each run of a job from now on, as one of `stage`."""
        self._answers.tell_times(timings, stage)

    def trouble(self, language: str) -> str | None:
        """Return None: nothing stands in for this engine."""
        return None

    def readings(self) -> LaneReadings:
        """Return the present figures."""
        waited_s = self._queue.longest_wait_s(asyncio.get_running_loop().time())
        living = [RunningProcess(self.spec.name, number, host.pid) for number, host in self._hosts.items() if host.pid]
        return LaneReadings(self.waiting, self.running, replace(self.counters), waited_s, tuple(living))

    async def wait_ready(self) -> None:
        """Return once an engine is ready. Raises `EngineError` if it can't be loaded."""
        while not self.ready:
            if self._fault is not None:
                raise EngineError(self._fault)
            self._state_changed.clear()
            await self._state_changed.wait()

    async def do(self, job: Job, *, timeout: float | None = None, urgent: bool | Priority = True) -> Result:
        """Return the engine's result for one job: see `Lane.do`."""
        now, run_s = asyncio.get_running_loop().time(), self._timeout if timeout is None else timeout
        envelope = Envelope.seal(job, now=now, run_s=run_s, patience_s=self._patience)
        return (await self.perform(envelope, urgent=urgent)).result

    async def perform(self, envelope: Envelope[Job], *, urgent: bool | Priority = True) -> Answered[Result]:
        """Return the engine's result for an envelope's job, with its times: see `Lane.perform`."""
        if self._fault is not None:
            raise EngineError(self._fault)
        if not urgent and self.waiting >= self._bound:
            self.counters.refused += 1
            raise LaneBusy(f"{self.waiting} jobs are waiting for {self._name}")
        loop = asyncio.get_running_loop()
        queued = QueuedJob(envelope, loop.create_future(), bool(urgent), loop.time())
        self._queue.add(queued)
        if isinstance(urgent, Priority):
            urgent.follow(partial(self._promote, queued))
        self._wake.set()
        expiry = loop.call_at(envelope.start_by, self._expire, queued)
        try:
            return cast(Answered[Result], await queued.answer)
        finally:
            expiry.cancel()
            if self._queue.remove(queued):
                self._answers.withdrawn(queued)

    def _promote(self, queued: Queued) -> None:
        self._queue.promote(queued)
        self._wake.set()  # it waits for no company any more

    def _expire(self, queued: Queued) -> None:
        if self._queue.remove(queued):
            self._answers.never_ran(queued, f"waited {queued.envelope.start_by - queued.queued_at:.3g} s in the queue")

    async def _serve(self, number: int) -> None:
        """Keep one engine alive, and feed it from the queue."""
        strikes = 0
        while True:
            host = self._new_host()
            self._hosts[number] = host
            try:
                strikes = await self._feed(host, strikes) if await self._start(host) else strikes + 1
            finally:
                del self._hosts[number]
                await host.stop()
            self.counters.restarts += 1
            if strikes > 1:
                await asyncio.sleep(min(_LONGEST_BACKOFF_S, 0.25 * 2 ** (strikes - 2)))

    async def _start(self, host: EngineHost) -> bool:
        try:
            async with asyncio.timeout(self._start_timeout):
                ready = await host.start()
        except (EngineError, ProcessGone, OSError, TimeoutError) as error:
            reason = str(error) or f"not loaded within {self._start_timeout:g} s"
            log.error("%s does not start: %s", self._name, reason)
            if not self.ready:
                self._fault = f"{self._name} does not start: {reason}"
                self._fail_waiting()
                self._state_changed.set()
            return False
        self.languages, self.pairs, self.voices = ready.languages, ready.pairs, ready.voices
        self.pivoted, self.gist, self.identity = ready.pivoted, ready.gist, ready.identity
        self._fault = None
        return True

    async def _feed(self, host: EngineHost, strikes: int) -> int:
        """Run batches until the host is no longer fit. Return the strikes against it, for the backoff."""
        self._up += 1
        self._state_changed.set()
        try:
            while host.alive:
                batch = self._queue.next_batch(asyncio.get_running_loop().time())
                if not batch:
                    await self._wait()
                elif await self._run(host, batch):
                    strikes = 0
                else:
                    break
        finally:
            self._up -= 1
        return strikes + 1

    async def _wait(self) -> None:
        """Wait for a job, for the engine's end, or until an interim has waited long enough for company."""
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._queue.ripe_at()):
                await self._wake.wait()

    async def _run(self, host: EngineHost, batch: list[Queued]) -> bool:
        """Run a batch. Return True if the host is still fit afterwards."""
        loop = asyncio.get_running_loop()
        limit, started_at = max(queued.envelope.run_s for queued in batch), loop.time()
        self._running += len(batch)
        try:
            async with asyncio.timeout(limit):
                answers = await host.run([queued.envelope for queued in batch])
        except (TimeoutError, ProcessGone) as error:
            hung = isinstance(error, TimeoutError)
            what = f"gave no answer in {limit:g} s, and is killed" if hung else f"died: {error}"
            log.error("%s %s: job %s", self._name, what, ", ".join(str(queued.envelope) for queued in batch))
            self._try_again(batch, started_at, hung=hung)
            return False
        except asyncio.CancelledError:
            for queued in batch:
                self._answers.ran_in_vain(queued, started_at)
                self._answers.fail(queued, "the lane was closed")
            raise
        finally:
            self._running -= len(batch)
            self.counters.busy_s += loop.time() - started_at
        for queued, answer in zip(batch, answers, strict=True):
            self._answers.finish(queued, answer, started_at)
        return True

    def _try_again(self, batch: list[Queued], started_at: float, *, hung: bool) -> None:
        """Put jobs back after a hang or a death, each to be run alone, and fail those that have had their chance."""
        for queued in reversed(batch):
            spent = len(batch) == 1 if hung else queued.envelope.attempt >= _CHANCES
            self._answers.ran_in_vain(queued, started_at)
            queued.envelope = replace(queued.envelope, attempt=queued.envelope.attempt + 1)
            if spent:
                self._answers.fail(queued, "the engine hung on it" if hung else "the engine died of it", EngineLost)
            elif not queued.answer.done():
                queued.alone = True
                self._queue.put_back(queued)

    def _fail_waiting(self) -> None:
        for queued in self._queue.drain():
            self._answers.never_ran(queued, self._fault)
