"""Timings of work: steps of stages, jobs of engines, and the ends of utterances, each with its moments.

Each piece of work is measured once, where it is done. Figures, log lines and traces are made from these numbers.
A timing comes with the context of its work, which names the call and the step, and travels with each job
(`pipeline.lanes.envelope`). All moments are loop time, s.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self, TypeAlias

from pipeline.context import Context, bound, current
from pipeline.errors import LaneBusy
from pipeline.types import Clock

log = logging.getLogger(__name__)


class StepName(StrEnum):
    """Kinds of steps."""

    PASS = "pass"
    """A run of the recogniser over a window, its wait included."""
    TRANSLATION = "translation"
    """The translation of a segment."""
    SYNTHESIS = "synthesis"
    """The synthesis of one chunk of a segment."""
    AHEAD = "ahead"
    """The work on a clause before it is final: a translation, and mostly a synthesis."""


class Result(StrEnum):
    """Ends of steps and of jobs."""

    DONE = "done"
    REFUSED = "refused"
    """The lane was too busy for a job that nobody waits for."""
    FAILED = "failed"
    GIVEN_UP = "given_up"
    """Nobody waited for it any more."""
    HIT = "hit"
    """Work ahead of time whose clause became final as expected."""
    MISS = "miss"
    """Work ahead of time whose clause did not."""


@dataclass(frozen=True, slots=True)
class StepTimed:
    """A step is over. Its context names the step that it is part of as `span`, if there is one."""

    name: StepName
    span: str
    """16 hexadecimal digits, which the step's jobs carry in their contexts."""
    began_at: float
    ended_at: float
    result: Result
    kind: str = ""
    """Purpose of a pass (`PassKind`)."""
    target: str = ""
    """Language into which is translated, or in which is spoken."""


@dataclass(frozen=True, slots=True)
class JobTimed:
    """A job has left its lane, or one run of it is over. Its context names its step as `span`."""

    stage: str
    """Stage of the lane: `stt`, `mt` or `tts`."""
    engine: str
    """Kind and name of the engine."""
    queued_at: float
    started_at: float | None
    """None if it never ran."""
    ended_at: float
    attempt: int
    result: Result


@dataclass(frozen=True, slots=True)
class UtteranceTimed:
    """An utterance is recognised to its end. Its context names it."""

    onset_at: float
    """Arrival of its first voiced frame."""
    voiced_at: float
    """Arrival of its last voiced frame."""
    decided_at: float
    """Moment at which its end was decided."""
    recognised: tuple[float, float] | None
    """Beginning and end of the last final recognition, of one pass or two. None if there was none."""
    targets: int
    """Number of languages into which it is delivered: an `UtteranceEnded` comes for each."""


Timing: TypeAlias = StepTimed | JobTimed | UtteranceTimed

TimingObserver = Callable[[Context, Timing], None]
"""Called on the event loop. Must not wait."""


class Timings:
    """Those who observe timings. One that raises is logged, and costs nobody else anything."""

    def __init__(self) -> None:
        self.traced = False
        """True once somebody observes steps. Before, none has a name, and none is told."""
        self._observers: tuple[TimingObserver, ...] = ()
        self._of_jobs: tuple[TimingObserver, ...] = ()

    def observe(self, observer: TimingObserver) -> None:
        """Call `observer` with each timing from now on."""
        self._observers = (*self._observers, observer)
        self.traced = True

    def observe_jobs(self, observer: TimingObserver) -> None:
        """Call `observer` with each `JobTimed` from now on, and with nothing else."""
        self._of_jobs = (*self._of_jobs, observer)

    def tell(self, context: Context, timing: Timing) -> None:
        """Call each observer of such timings."""
        for observer in (*self._of_jobs, *self._observers) if isinstance(timing, JobTimed) else self._observers:
            try:
                observer(context, timing)
            except Exception:  # the boundary between work and those who watch it
                log.exception("an observer of timings failed")

    def naming(self, utterance: str) -> AbstractContextManager[object]:
        """Bind the utterance that steps inside the `with` statement are done for, if anybody observes them."""
        return bound(utterance=utterance) if self.traced else nullcontext()


def new_span() -> str:
    """Return a name for a step that no other has: 64 random bits, as W3C Trace Context has it."""
    return f"{random.getrandbits(64):016x}"


class TimedStep:
    """`with TimedStep(timings, now, StepName.PASS) as step:` times the work inside, and tells of it at the end.

    An `EngineError` that comes out is the step's failure, a cancellation gives it up.
    """

    __slots__ = ("_about", "_binding", "_context", "_now", "_timings", "began_at", "ended_at", "span")

    def __init__(self, timings: Timings, now: Clock, name: StepName, kind: str = "", target: str = "") -> None:
        """`kind` and `target` are those of `StepTimed`."""
        self._timings, self._now, self._about = timings, now, (name, kind, target)
        self._binding: AbstractContextManager[Context] | None = None

    @property
    def took_ms(self) -> float:
        """Length of the step, once it is over."""
        return (self.ended_at - self.began_at) * 1000

    def __enter__(self) -> Self:
        if self._timings.traced:
            self.span, self._context = new_span(), current()
            self._binding = bound(span=self.span)
            self._binding.__enter__()
        self.began_at = self._now()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended_at = self._now()
        if self._binding is not None:
            self._binding.__exit__(None, None, None)
            name, purpose, target = self._about
            times = self.began_at, self.ended_at
            self._timings.tell(self._context, StepTimed(name, self.span, *times, _result(error), purpose, target))


def _result(error: BaseException | None) -> Result:
    match error:
        case None:
            return Result.DONE
        case LaneBusy():
            return Result.REFUSED
        case Exception():
            return Result.FAILED
    return Result.GIVEN_UP
