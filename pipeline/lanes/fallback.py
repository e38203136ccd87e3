"""Fallback lane: a plain voice speaks what the preferred voice fails on, hangs on or is too late for.

A text that the first engine fails on, or hangs on, is spoken by the next. After a hang or two failures the first gets
no more jobs, and is tried in the background until it works again. Frequent texts are kept, and not synthesized again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from pipeline.engines.registry import EngineSpec
from pipeline.engines.voices.speakable_text import is_sayable
from pipeline.errors import EngineError, LaneBusy
from pipeline.lanes.circuit_breaker import CircuitBreaker
from pipeline.lanes.entered_parts import EntersParts
from pipeline.lanes.envelope import Answered, Envelope
from pipeline.lanes.lane import Lane, LaneCounters, LaneReadings, total
from pipeline.lanes.queue import Priority
from pipeline.lanes.speech_cache import SpeechCache
from pipeline.owned_tasks import OwnedTasks
from pipeline.speech import Speech, Synthesize, Voice
from pipeline.text.language import primary
from pipeline.text.speaking_time import longest_s
from pipeline.timings import Timings
from pipeline.types import LanguagePairs

_SHARE = 0.6  # of a job's time that an engine has which another can stand in for, waiting in the queue included
_GRACE = 0.2  # seconds in which the lane itself notices that a job took too long
_PATIENCE_S = 30.0  # of a job in the queues of all engines together
_PROBE = "1"

log = logging.getLogger(__name__)


class FallbackLane(EntersParts):
    """A lane of several lanes, in the order of preference.

    An engine that failed is tried again after `rest` seconds, and after twice as long for each failure more, up to
    `longest_rest`.
    """

    pairs: LanguagePairs = frozenset()
    pivoted: LanguagePairs = frozenset()
    gist: LanguagePairs = frozenset()
    """None: voices don't translate."""

    def __init__(
        self,
        lanes: Sequence[Lane[Synthesize, Speech]],
        *,
        cache: SpeechCache | None = None,
        rest: float = 2.0,
        longest_rest: float = 60.0,
        timeout: float = 15.0,
    ) -> None:
        self.lanes = tuple(lanes)
        self.cache = cache or SpeechCache()
        self.stand_ins = 0
        """Jobs that another engine than the preferred one has done."""
        self._names = {
            lane: f"{number} {lane.spec.name} {json.dumps(dict(lane.spec.options), sort_keys=True)}"
            for number, lane in enumerate(lanes)
        }
        self._circuits = {lane: CircuitBreaker() for lane in lanes}
        self._failed_on: dict[Lane[Synthesize, Speech], Synthesize] = {}
        self._rest = rest
        self._longest_rest = longest_rest
        self._timeout = timeout
        self._known = False

    async def _enter_parts(self, stack: AsyncExitStack) -> None:
        for lane in self.lanes:
            await stack.enter_async_context(lane)
        mending = await stack.enter_async_context(OwnedTasks())
        for lane in self.lanes:
            mending.start(self._mend(lane))

    # its state

    @property
    def spec(self) -> EngineSpec:
        """Return the spec of the preferred engine."""
        return self.lanes[0].spec

    @property
    def languages(self) -> frozenset[str]:
        return frozenset().union(*(lane.languages for lane in self.lanes))

    @property
    def identity(self) -> str:
        """None: several engines answer."""
        return ""

    @property
    def engines(self) -> Sequence[Lane[Any, Any]]:
        """The lanes that it is made of."""
        return self.lanes

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Voices of all engines. The usual voice of a language is the first that speaks it."""
        found: dict[str, Voice] = {}
        for lane in self.lanes:
            for voice in lane.voices:
                found.setdefault(voice.id, voice)
        return tuple(found.values())

    @property
    def ready(self) -> bool:
        """True if an engine is there that speaks; at the start, once each is loaded or known not to load.

        One that is left alone counts only while none is missing: a text on which all fail shows no dead engine.
        """
        there = [lane for lane in self.lanes if lane.ready]
        self._known = self._known or all(lane in there or lane.fault is not None for lane in self.lanes)
        return self._known and (len(there) == len(self.lanes) or not all(self._circuits[lane].open for lane in there))

    @property
    def fault(self) -> str | None:
        """The reason why no engine speaks, or None."""
        faults = [lane.fault for lane in self.lanes]
        return None if None in faults else "; ".join(fault for fault in faults if fault is not None)

    @property
    def waiting(self) -> int:
        return sum(lane.waiting for lane in self.lanes)

    @property
    def running(self) -> int:
        return sum(lane.readings().running for lane in self.lanes)

    @property
    def counters(self) -> LaneCounters:
        """The sums over all engines, with the jobs that the cache answered, and those that a stand-in did."""
        counters = total([lane.readings().counters for lane in self.lanes])
        return replace(counters, remembered=self.cache.hits, stand_ins=self.stand_ins)

    def readings(self) -> LaneReadings:
        """Return the sums over all engines, and the longest wait."""
        each = [lane.readings() for lane in self.lanes]
        waited_s = max(one.oldest_wait_s for one in each)
        processes = tuple(process for one in each for process in one.processes)
        return LaneReadings(self.waiting, self.running, self.counters, waited_s, processes)

    def tell_times(self, timings: Timings, stage: str) -> None:
        """Let each engine tell of its jobs. One that a cache answered is none."""
        for lane in self.lanes:
            lane.tell_times(timings, stage)

    def trouble(self, language: str) -> str | None:
        """Return what people who hear this language should know: that another voice than the usual one speaks."""
        for lane in self.lanes[:-1]:
            fails = self._circuits[lane].open or lane.fault is not None
            if fails and (not lane.languages or primary(language) in lane.languages):
                return "the usual voice fails, another one speaks"
        return None

    async def wait_ready(self) -> None:
        """Return once each engine is ready or known not to load. Raises `EngineError` if none can be loaded."""
        outcomes = await asyncio.gather(*(lane.wait_ready() for lane in self.lanes), return_exceptions=True)
        problems = [problem for problem in outcomes if problem is not None]
        for problem in problems:
            if not isinstance(problem, EngineError):
                raise problem
        if len(problems) == len(self.lanes):
            raise EngineError("; ".join(map(str, problems)))
        self._known = True

    # speaking

    async def do(self, job: Synthesize, *, timeout: float | None = None, urgent: bool | Priority = True) -> Speech:
        """Return the speech of the first engine that can: see `Lane.do`.

        Raises what the last engine raises, and `LaneBusy` as soon as any does.
        """
        now, run_s = asyncio.get_running_loop().time(), self._timeout if timeout is None else timeout
        envelope = Envelope.seal(job, now=now, run_s=run_s, patience_s=_PATIENCE_S)
        return (await self.perform(envelope, urgent=urgent)).result

    async def perform(self, envelope: Envelope[Synthesize], *, urgent: bool | Priority = True) -> Answered[Speech]:
        """Return the speech of the first engine that can, with its times: see `Lane.perform`."""
        job, run_s = envelope.job, envelope.run_s
        *preferred, last = self._order(job)
        for lane in preferred:
            answered = self._remembered(lane, job)
            if answered is None:
                answered = await self._try(lane, replace(envelope, run_s=run_s * _SHARE), urgent)
            if answered is not None:
                return answered
        answered = self._remembered(last, job)
        if answered is not None:
            return answered
        if preferred:
            envelope = replace(envelope, run_s=run_s * (1 - _SHARE))
        answered = await last.perform(envelope, urgent=urgent)
        self.stand_ins += bool(preferred)
        if not _goes_on(job, answered.result):
            self.cache.put(self._names[last], job, answered.result)
        return answered

    def _remembered(self, lane: Lane[Synthesize, Speech], job: Synthesize) -> Answered[Speech] | None:
        speech = self.cache.get(self._names[lane], job)
        return None if speech is None else Answered.remembered(speech, asyncio.get_running_loop().time())

    async def _try(
        self, lane: Lane[Synthesize, Speech], envelope: Envelope[Synthesize], urgent: bool | Priority
    ) -> Answered[Speech] | None:
        """Return the speech of an engine that another can stand in for, or None if it has none."""
        circuit, job, limit = self._circuits[lane], envelope.job, envelope.run_s
        if circuit.open:
            return None
        if not lane.ready:
            self._failed(lane, job, unfit=True, reason=lane.fault or "it is being started")
            return None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limit + _GRACE) as scope:
                # Nobody waits for an engine that hangs: another job that finds it unfit ends this one's wait.
                with circuit.watched(lambda: scope.reschedule(loop.time())):
                    answered = await lane.perform(envelope, urgent=urgent)
            if not answered.result.pcm and is_sayable(job.text):
                raise EngineError("it said nothing")
            if _goes_on(job, answered.result):
                raise EngineError("it said far more than the text")
        except LaneBusy:
            raise
        except TimeoutError:
            if circuit.open:
                self._failed(lane, job, unfit=not lane.ready, reason="it failed on another job meanwhile")
            else:
                self._failed(lane, job, unfit=True, reason=f"a job waited {limit:g} s for it")
            return None
        except EngineError as error:
            self._failed(lane, job, unfit=not lane.ready, reason=str(error))
            return None
        circuit.worked()
        self.cache.put(self._names[lane], job, answered.result)
        return answered

    def _order(self, job: Synthesize) -> list[Lane[Synthesize, Speech]]:
        """Return the engines for a job: first the one whose voice was chosen, then by preference; never none."""
        language = primary(job.language)
        able = [lane for lane in self.lanes if language in lane.languages] or list(self.lanes[-1:])
        return sorted(able, key=lambda lane: not _has(lane, job.voice, language))  # stable

    def _failed(self, lane: Lane[Synthesize, Speech], job: Synthesize, *, unfit: bool, reason: str) -> None:
        circuit = self._circuits[lane]
        before = circuit.open
        self._failed_on[lane] = job
        circuit.failed(unfit=unfit)
        if circuit.open and not before:
            log.error("%s is left alone for now, others speak instead: %s", lane.spec.name, reason)

    async def _mend(self, lane: Lane[Synthesize, Speech]) -> None:
        """Try an engine that is left alone, until it works."""
        circuit = self._circuits[lane]
        while True:
            await circuit.opens()
            rest = self._rest
            while circuit.open:
                await asyncio.sleep(rest)
                rest = min(self._longest_rest, rest * 2)
                if await self._speaks(lane):
                    log.warning("%s speaks again", lane.spec.name)
                    circuit.mended()

    async def _speaks(self, lane: Lane[Synthesize, Speech]) -> bool:
        if not lane.ready:
            return False
        probe = replace(self._failed_on[lane], text=_PROBE)
        try:
            speech = await lane.do(probe, timeout=self._timeout * _SHARE, urgent=False)
        except EngineError:
            return False
        return bool(speech.pcm) and not _goes_on(probe, speech)


def _goes_on(job: Synthesize, speech: Speech) -> bool:
    """Return True if the speech is far longer than its text can be."""
    return speech.duration_ms > longest_s(job.text, job.rate) * 1000


def _has(lane: Lane[Synthesize, Speech], voice: str, language: str) -> bool:
    return any(one.id == voice and primary(one.language) == language for one in lane.voices)
