"""One engine behind a bounded line: the jobs of all calls wait here, finals first, and are run in batches.

An engine's trouble stops here. A job that raises costs itself; an engine that hangs or dies is killed and
started anew, and the jobs that were with it are tried again alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeAlias, TypeVar, cast

from pipeline.engines import registry
from pipeline.engines.registry import Batching, EngineSpec
from pipeline.errors import EngineError, LaneBusy, ProcessGone
from pipeline.lanes.lane import LaneCounters, LaneReadings
from pipeline.lanes.process import EngineHost, EngineProcess
from pipeline.lanes.queue import JobQueue, Priority, QueuedJob
from pipeline.owned_tasks import OwnedTasks
from pipeline.speech import Voice
from pipeline.types import LanguagePairs

Job = TypeVar("Job")
Result = TypeVar("Result")
Queued: TypeAlias = QueuedJob[asyncio.Future[Any]]

_CHANCES = 2  # runs that a job gets if the engine's process dies under it: it need not be the job's fault
_LONGEST_BACKOFF = 30.0

log = logging.getLogger(__name__)


class LocalLane(Generic[Job, Result]):
    """`async with Lane(spec) as lane: result = await lane.do(job)`.

    `processes` engines, each in its own process, share the line. `batch` is the most jobs that one run takes,
    `linger_ms` how long an interim may wait for others to run with (None: what the registry says of the engine, see
    `registry.Gathering`); `bound` is how many may wait before interims are refused.
    Seconds: `timeout` of a run, `patience` of a job in line, `start_timeout` of loading. `nice` is added to
    the processes' niceness. `environment` is what the processes may see of ours; None: what `child_environment` allows.
    Opening doesn't wait for the engine: see `ready` and `wait_ready`.
    """

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
        self.spec = spec
        self.counters = LaneCounters()
        self.languages: frozenset[str] = frozenset()
        self.pairs: LanguagePairs = frozenset()
        self.pivoted: LanguagePairs = frozenset()
        self.identity = ""
        self.voices: tuple[Voice, ...] = ()
        self._processes = processes
        usual = self._usual()
        self._line: JobQueue[asyncio.Future[Any]] = JobQueue(
            replace(
                usual,
                batch=usual.batch if batch is None else batch,
                linger_ms=usual.linger_ms if linger_ms is None else linger_ms,
            )
        )
        self._bound = bound
        self._timeout = timeout
        self._patience = patience
        self._start_timeout = start_timeout
        self._nice = nice
        self._environment = environment
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._hosts: set[EngineHost] = set()
        self._up = 0
        self._running = 0
        self._fault: str | None = "the lane is not open"
        self._tasks = OwnedTasks()

    def _usual(self) -> Batching:
        return registry.find(self.spec).gathering(self.spec.options)

    def _host(self) -> EngineHost:
        return EngineProcess(self.spec, nice=self._nice, environment=self._environment, on_exit=self._wake.set)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._fault = None
        for _ in range(self._processes):
            self._tasks.start(self._serve())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fault = "the lane is closed"
        self._fail_waiting()
        await self._tasks.__aexit__(kind, error, trace)

    @property
    def ready(self) -> bool:
        """Whether an engine is loaded, warm and alive."""
        return self._up > 0

    @property
    def fault(self) -> str | None:
        """Why no engine can be had at present, or None."""
        return self._fault

    @property
    def waiting(self) -> int:
        """Jobs in the line, those that run not counted."""
        return len(self._line)

    @property
    def running(self) -> int:
        """Jobs that an engine has in hand."""
        return self._running

    @property
    def engines(self) -> tuple[Self]:
        """This one alone."""
        return (self,)

    @property
    def pids(self) -> list[int]:
        """The engines' processes."""
        return [host.pid for host in self._hosts if host.pid is not None]

    def trouble(self, language: str) -> str | None:
        """Return None: nothing stands in for this engine."""
        return None

    def readings(self) -> LaneReadings:
        """Return the present figures."""
        return LaneReadings(self.waiting, self.running, replace(self.counters))

    async def wait_ready(self) -> None:
        """Returns once an engine is ready. Raises `EngineError` if it can't be loaded."""
        while not self.ready:
            if self._fault is not None:
                raise EngineError(self._fault)
            self._news.clear()
            await self._news.wait()

    async def do(self, job: Job, *, timeout: float | None = None, urgent: bool | Priority = True) -> Result:
        """The engine's result for one job.

        `urgent` jobs (finals) go before others and are never refused: they wait, and with them their caller,
        which is what bounds the line; one whose `Priority` rises goes before others from then on. Raises `LaneBusy`
        where an interim finds the line full, `EngineError` where the engine fails, or a run takes more than `timeout`
        seconds. Cancelling it takes the job out of line.
        """
        if self._fault is not None:
            raise EngineError(self._fault)
        if not urgent and self.waiting >= self._bound:
            self.counters.refused += 1
            raise LaneBusy(f"{self.waiting} jobs are waiting for {self.spec.kind} {self.spec.name}")
        loop = asyncio.get_running_loop()
        place = loop.create_future()
        waiting = QueuedJob(job, place, self._timeout if timeout is None else timeout, bool(urgent), loop.time())
        self._line.add(waiting)
        if isinstance(urgent, Priority):
            urgent.follow(partial(self._hasten, waiting))
        self._wake.set()
        expiry = loop.call_later(self._patience, self._expire, waiting)
        try:
            return cast(Result, await place)
        finally:
            expiry.cancel()
            self._line.remove(waiting)

    def _hasten(self, waiting: Queued) -> None:
        self._line.hasten(waiting)
        self._wake.set()  # it waits for no company any more

    def _expire(self, waiting: Queued) -> None:
        if self._line.remove(waiting):
            self._settle(waiting, False, f"stood in line for {self._patience:g} s")

    async def _serve(self) -> None:
        """Keeps one engine alive and feeds it from the line."""
        strikes = 0
        while True:
            host = self._host()
            self._hosts.add(host)
            try:
                if not await self._start(host):
                    strikes += 1
                else:
                    strikes = await self._feed(host, strikes)
            finally:
                self._hosts.discard(host)
                await host.stop()
            self.counters.restarts += 1
            if strikes > 1:
                await asyncio.sleep(min(_LONGEST_BACKOFF, 0.25 * 2 ** (strikes - 2)))

    async def _start(self, host: EngineHost) -> bool:
        try:
            async with asyncio.timeout(self._start_timeout):
                told = await host.start()
        except (EngineError, ProcessGone, OSError, TimeoutError) as error:
            reason = str(error) or f"not loaded within {self._start_timeout:g} s"
            log.error("%s %s does not start: %s", self.spec.kind, self.spec.name, reason)
            if not self.ready:
                self._fault = f"{self.spec.kind} {self.spec.name} does not start: {reason}"
                self._fail_waiting()
                self._news.set()
            return False
        self.languages, self.pairs, self.voices = told.languages, told.pairs, told.voices
        self.pivoted, self.identity = told.pivoted, told.identity
        self._fault = None
        return True

    async def _feed(self, host: EngineHost, strikes: int) -> int:
        """Runs batches until the host is no longer fit; returns the strikes against it, for the backoff."""
        self._up += 1
        self._news.set()
        try:
            while host.alive:
                batch = self._line.take(asyncio.get_running_loop().time())
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
        """For a job, for the engine's end, or until an interim has waited long enough for company."""
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._line.ripe_at()):
                await self._wake.wait()

    async def _run(self, host: EngineHost, batch: list[Queued]) -> bool:
        """Whether the host is still fit afterwards."""
        loop = asyncio.get_running_loop()
        limit, started = max(waiting.timeout for waiting in batch), loop.time()
        self._running += len(batch)
        try:
            async with asyncio.timeout(limit):
                answers = await host.run([waiting.job for waiting in batch])
        except TimeoutError:
            log.error("%s %s gave no answer in %g s: killed", self.spec.kind, self.spec.name, limit)
            self._again(batch, hung=True)
            return False
        except ProcessGone as gone:
            log.error("%s %s died: %s", self.spec.kind, self.spec.name, gone)
            self._again(batch, hung=False)
            return False
        except asyncio.CancelledError:
            for waiting in batch:
                self._settle(waiting, False, "the lane was closed")
            raise
        finally:
            self._running -= len(batch)
            self.counters.busy_s += loop.time() - started
        for waiting, (done, result) in zip(batch, answers, strict=True):
            self._settle(waiting, done, result)
        return True

    def _again(self, batch: list[Queued], hung: bool) -> None:
        """After a hang or a death: which jobs are tried again, and which have had their chance."""
        for waiting in reversed(batch):
            waiting.deaths += 1
            spent = len(batch) == 1 if hung else waiting.deaths >= _CHANCES
            if spent:
                self._settle(waiting, False, "the engine hung on it" if hung else "the engine died of it")
            elif not waiting.answer.done():
                waiting.alone = True
                self._line.put_back(waiting)

    def _settle(self, waiting: Queued, done: bool, result: Any) -> None:
        self.counters.jobs += 1
        self.counters.failures += not done
        if waiting.answer.done():  # its caller was cancelled
            return
        if done:
            waiting.answer.set_result(result)
        else:
            waiting.answer.set_exception(EngineError(f"{self.spec.kind} {self.spec.name}: {result}"))

    def _fail_waiting(self) -> None:
        for waiting in self._line.drain():
            self._settle(waiting, False, self._fault)
