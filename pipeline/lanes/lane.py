"""The protocol of a lane: one engine, or several that stand in for each other, as a call sees them.

A lane takes the jobs of all calls, keeps them in order, and answers each with the engine's result or an `EngineError`.
Implementations: `local` (processes here), `fallback` (several lanes), `translation_cache`, `in_loop` (tests), and
`remote.lane` (other machines).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from pipeline.engines.registry import EngineSpec
from pipeline.lanes.envelope import Answered, Envelope
from pipeline.lanes.queue import Priority
from pipeline.speech import Voice
from pipeline.timings import Timings
from pipeline.types import LanguagePairs

Job_contra = TypeVar("Job_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(slots=True)
class LaneCounters:
    """Totals since the lane opened."""

    jobs: int = 0
    """Jobs that an engine was given, and that have their answer."""
    failures: int = 0
    """Jobs among them that were answered with an error."""
    refused: int = 0
    """Jobs that found the queue full (`LaneBusy`)."""
    restarts: int = 0
    """Engines that were started anew."""
    busy_s: float = 0.0
    """Time in which an engine had a job, s."""
    remembered: int = 0
    """Jobs that were answered from a cache."""
    stand_ins: int = 0
    """Jobs that another engine than the preferred one has done."""


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process in which an engine lives."""

    engine: str
    """Name of the engine."""
    number: int
    """Place among the processes of its lane, from 0. A process that is started anew has that of the one before."""
    pid: int


@dataclass(frozen=True, slots=True)
class LaneReadings:
    """The state of a lane in figures, for metrics."""

    waiting: int
    """Jobs in the queue, without those that run."""
    running: int
    """Jobs that an engine has in hand."""
    counters: LaneCounters
    oldest_wait_s: float = 0.0
    """Time for which the oldest job of the queue has waited; 0 while none waits."""
    processes: tuple[RunningProcess, ...] = ()
    """Processes that live, also those that still load their engine."""
    workers: int = 0
    """Workers elsewhere that live."""
    by_worker: Mapping[str, int] = field(default_factory=dict)
    """Jobs that each of them has answered."""


def total(counters: Sequence[LaneCounters]) -> LaneCounters:
    """Return the sums over several lanes."""
    return LaneCounters(*(sum(getattr(one, part.name) for one in counters) for part in fields(LaneCounters)))


class Lane(Protocol[Job_contra, Result_co]):
    """An asynchronous context manager. Entering opens the lane and does not wait for its engine: see `wait_ready`."""

    @property
    def spec(self) -> EngineSpec:
        """The engine, or the preferred one of several."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """Primary subtags that it understands or speaks; empty for a translator, and before it was ready."""
        ...

    @property
    def pairs(self) -> LanguagePairs:
        """Pairs that it translates; empty for any other, and before it was ready."""
        ...

    @property
    def pivoted(self) -> LanguagePairs:
        """Pairs among them that go by way of a third language."""
        ...

    @property
    def gist(self) -> LanguagePairs:
        """Pairs among them of which only the gist is right."""
        ...

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Voices that it speaks with. The first of a language is its usual one."""
        ...

    @property
    def identity(self) -> str:
        """A name of the engine, its model and its options. Equal jobs get equal answers while it is the same.

        Empty if they need not.
        """
        ...

    @property
    def ready(self) -> bool:
        """True once an engine is loaded, warm and alive."""
        ...

    @property
    def fault(self) -> str | None:
        """The reason why no engine can be had at present, or None."""
        ...

    @property
    def waiting(self) -> int:
        """Jobs in the queue, without those that run."""
        ...

    @property
    def engines(self) -> Sequence[Lane[Any, Any]]:
        """The lanes of one engine each: this one alone, or those that it is made of."""
        ...

    def trouble(self, language: str) -> str | None:
        """Return what people who hear this language should know of its engine, or None if all is as usual."""
        ...

    def readings(self) -> LaneReadings:
        """Return the present figures."""
        ...

    def tell_times(self, timings: Timings, stage: str) -> None:
        """Tell `timings` of each run of a job from now on, as one of `stage`."""
        ...

    async def wait_ready(self) -> None:
        """Return once an engine is ready. Raises `EngineError` if none can be loaded."""
        ...

    async def do(self, job: Job_contra, *, timeout: float | None = None, urgent: bool | Priority = True) -> Result_co:
        """Return the engine's result for one job.

        An `urgent` job (a final) goes before others and is never refused. It waits, and its caller with it: that bounds
        the queue. A job whose `Priority` rises goes before others from then on. `timeout` bounds one run, s.
        Raises `LaneBusy` if the job is not urgent and the queue is full, `EngineError` if the engine fails or takes
        longer than `timeout`. Cancelling the call takes the job out of the queue.
        """
        ...

    async def perform(self, envelope: Envelope[Job_contra], *, urgent: bool | Priority = True) -> Answered[Result_co]:
        """Do as `do` does with a job that is in its envelope already. Return the result with its times.

        A lane that hands the job on to another lane hands on its envelope, with the same id and deadline.
        """
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
