"""Mixed lane: engines here and workers elsewhere, of which one comes first; decides who does a job.

With engines here first, workers get what is beyond them. With workers first, engines here stand in for them.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pipeline.engines.entry import EngineSpec
from pipeline.errors import EngineError
from pipeline.lanes.entered_parts import EntersParts
from pipeline.lanes.envelope import Answered, Envelope
from pipeline.lanes.lane import Lane, LaneCounters, LaneReadings, total
from pipeline.lanes.queue import Priority
from pipeline.speech import Synthesize, Translate, Voice
from pipeline.text.language import primary
from pipeline.timings import Timings
from pipeline.types import LanguagePairs
from remote.lane import RemoteLane

Job = TypeVar("Job")
Result = TypeVar("Result")

PATIENCE_S = 30.0
"""Time that a job waits, in all queues together."""
FIRST_WAIT_S = 2.0
"""Time that a job waits for workers, beyond one run, if engines here can do it."""


class First(StrEnum):
    """The side that gets a job first."""

    HERE = "here"
    WORKERS = "workers"


class MixedLane(EntersParts, Generic[Job, Result]):
    """A `Lane` of two: `here`, which takes `room` jobs at once, and `workers`, which must not hold jobs."""

    identity = ""
    """None: several engines answer."""

    def __init__(
        self,
        here: Lane[Job, Result],
        workers: RemoteLane[Job, Result],
        *,
        first: First,
        room: int,
        timeout: float = 15.0,
    ) -> None:
        self.here, self.workers, self.first = here, workers, first
        self.stand_ins = 0
        """Jobs that the other side than the first has done."""
        self._room, self._timeout = room, timeout

    def __repr__(self) -> str:
        return f"<MixedLane: {self.first} first, {self.here!r}, {self.workers!r}>"

    async def _enter_parts(self, stack: AsyncExitStack) -> None:
        for lane in self._sides:
            await stack.enter_async_context(lane)

    @property
    def _sides(self) -> tuple[Lane[Job, Result], Lane[Job, Result]]:
        """Return both lanes, the first one first."""
        return (self.here, self.workers) if self.first is First.HERE else (self.workers, self.here)

    @property
    def spec(self) -> EngineSpec:
        """Return the spec of the engine here."""
        return self.here.spec

    @property
    def languages(self) -> frozenset[str]:
        return self.here.languages | self.workers.languages

    @property
    def pairs(self) -> LanguagePairs:
        return self.here.pairs | self.workers.pairs

    @property
    def pivoted(self) -> LanguagePairs:
        return self.here.pivoted | self.workers.pivoted

    @property
    def gist(self) -> LanguagePairs:
        return self.here.gist | self.workers.gist

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Voices of both, those of the first side first."""
        found: dict[str, Voice] = {}
        for voice in (voice for lane in self._sides for voice in lane.voices):
            found.setdefault(voice.id, voice)
        return tuple(found.values())

    @property
    def engines(self) -> tuple[Lane[Any, Any], ...]:
        """The lanes of both sides."""
        return (*self.here.engines, *self.workers.engines)

    @property
    def ready(self) -> bool:
        """True if one side works."""
        return self.here.ready or self.workers.ready

    @property
    def fault(self) -> str | None:
        """The reason why no side can do a job, or None."""
        faults = [lane.fault for lane in self._sides]
        return None if None in faults else "; ".join(fault for fault in faults if fault is not None)

    @property
    def waiting(self) -> int:
        return self.here.waiting + self.workers.waiting

    def trouble(self, language: str) -> str | None:
        """Return what people who hear this language should know of the engine here."""
        return self.here.trouble(language)

    def readings(self) -> LaneReadings:
        """Return the sums over both sides, and the longest wait."""
        here, workers = self.here.readings(), self.workers.readings()
        return replace(
            workers,
            waiting=here.waiting + workers.waiting,
            running=here.running + workers.running,
            counters=self._total(here.counters, workers.counters),
            oldest_wait_s=max(here.oldest_wait_s, workers.oldest_wait_s),
            processes=here.processes,
        )

    def _total(self, *counters: LaneCounters) -> LaneCounters:
        summed = total(counters)
        return replace(summed, stand_ins=summed.stand_ins + self.stand_ins)

    def tell_times(self, timings: Timings, stage: str) -> None:
        """Let both sides tell of their jobs."""
        for lane in self._sides:
            lane.tell_times(timings, stage)

    async def wait_ready(self) -> None:
        """Return once the engine here works or can't be loaded, and a side works."""
        try:
            await self.here.wait_ready()
        except EngineError:
            await self.workers.wait_ready()

    async def do(self, job: Job, *, timeout: float | None = None, urgent: bool | Priority = True) -> Result:
        """Return the result of the side that does the job: see `Lane.do`."""
        now, run_s = asyncio.get_running_loop().time(), self._timeout if timeout is None else timeout
        envelope = Envelope.seal(job, now=now, run_s=run_s, patience_s=PATIENCE_S)
        return (await self.perform(envelope, urgent=urgent)).result

    async def perform(self, envelope: Envelope[Job], *, urgent: bool | Priority = True) -> Answered[Result]:
        """Return the result with its times: see `Lane.perform`. Raises what the last side raises that was asked."""
        side, *others = self._order(envelope.job)
        try:
            answered = await side.perform(self._hurried(envelope, side) if others else envelope, urgent=urgent)
        except EngineError:
            if not others:
                raise
            side = others[0]
            answered = await side.perform(envelope, urgent=urgent)
        self.stand_ins += side is not self._sides[0]
        return answered

    def _order(self, job: Job) -> list[Lane[Job, Result]]:
        """Return the sides that can do a job, the one first that is to do it; never none."""
        able = [lane for lane in self._sides if lane.ready and _takes(lane, job)]
        if len(able) == 2 and able[0] is self.here and self._full:
            able.reverse()
        return sorted(able, key=lambda lane: not _has_voice(lane, job)) or [self.here]  # stable

    @property
    def _full(self) -> bool:
        """True if one more job would wait for an engine here."""
        readings = self.here.readings()
        return readings.waiting + readings.running >= self._room

    def _hurried(self, envelope: Envelope[Job], side: Lane[Job, Result]) -> Envelope[Job]:
        """Return the envelope with a deadline that leaves the engine here its time."""
        if side is self.here:
            return envelope
        soon = asyncio.get_running_loop().time() + envelope.run_s + FIRST_WAIT_S
        return replace(envelope, deadline=min(envelope.deadline, soon))


def _takes(lane: Lane[Any, Any], job: Any) -> bool:
    if isinstance(job, Translate):
        return (primary(job.source), primary(job.target)) in lane.pairs
    language: str = job.language
    return primary(language) in lane.languages


def _has_voice(lane: Lane[Any, Any], job: Any) -> bool:
    wanted = job.voice if isinstance(job, Synthesize) else ""
    return not wanted or any(voice.id == wanted for voice in lane.voices)
