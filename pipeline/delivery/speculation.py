"""Speculation: a clause is translated and synthesized before it is final.

If it becomes final unchanged, its speech is there already. If not, the work is thrown away, and no error of it is
reported.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from pipeline.context import Context, bound, current
from pipeline.delivery.options import DeliveryOptions
from pipeline.delivery.translation import translated
from pipeline.errors import EngineError
from pipeline.events import Speculated
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.queue import Priority
from pipeline.speech import Speech, Synthesize, Translate
from pipeline.text.segmenter import chunks
from pipeline.text.translation_checks.verdict import Verdict
from pipeline.text.untouched import read_aloud
from pipeline.timings import Result, StepName, StepTimed, TimedStep, new_span
from pipeline.types import Clock, Emit


@dataclass(slots=True, eq=False)
class PreparedClause:
    """A clause that is made ready before it is final."""

    request: Translate
    sound: Synthesize
    """Language, voice and tempo of its speech. The text comes with the translation."""
    speak: bool
    """True if its speech is made too, not only its translation."""
    context: Context
    """Names of the utterance that it is part of."""
    began_at: float
    """Loop time at which it was expected, s."""
    span: str | None = None
    """Name of this work, of which translation and speech are steps. None: nobody observes them."""
    priority: Priority = field(default_factory=Priority)
    task: asyncio.Task[None] | None = None
    verdict: Verdict | None = None
    """The judgement of its translation."""
    translation_ms: float = 0.0
    """Time that the translation took."""
    speech: Speech | None = None
    """The first chunk."""
    speech_ms: float = 0.0
    """Time that the first chunk took."""

    async def first_speech(self, wanted: Synthesize) -> Speech | None:
        """Return the first chunk once it is there. None if there will be none, or if it sounds otherwise than wanted.

        Nobody hears a twentieth of tempo.
        """
        alike = self.sound.voice == wanted.voice and abs(self.sound.rate - wanted.rate) < 0.05
        if self.task is None or not alike:
            return None
        await asyncio.wait({self.task})
        return self.speech


class Speculation:
    """Clauses of one speaker that may soon be final, one for each target language."""

    def __init__(self, speaker: str, *, engines: EngineSet, options: DeliveryOptions, emit: Emit, now: Clock) -> None:
        self._speaker = speaker
        self._engines = engines
        self._options = options
        self._emit = emit
        self._now = now
        self._prepared: dict[str, PreparedClause] = {}
        """By target language."""

    @property
    def expecting(self) -> bool:
        """True while a clause is expected."""
        return bool(self._prepared)

    def expects(self, request: Translate) -> bool:
        """Return True if just this clause is being prepared."""
        prepared = self._prepared.get(request.target)
        return prepared is not None and prepared.request == request

    def expect(self, request: Translate, sound: Synthesize, speak: bool, tasks: asyncio.TaskGroup) -> None:
        """Prepare a clause in a task of this group, in place of the one that was expected before in its language."""
        self.miss(request.target)
        prepared = PreparedClause(request, sound, speak, current(), self._now())
        self._prepared[request.target] = prepared
        if self._engines.timings.traced:
            prepared.span = new_span()
        with bound(span=prepared.span):
            prepared.task = tasks.create_task(self._prepare(prepared))

    async def promoted(self, request: Translate) -> PreparedClause | None:
        """Return the clause that was prepared for just this final segment, once its translation is there, or None."""
        prepared = self._prepared.get(request.target)
        if prepared is None:
            return None
        if replace(prepared.request, context=request.context) != request:
            self.miss(request.target)
            return None
        del self._prepared[request.target]
        prepared.priority.rise()
        if prepared.task is not None and prepared.verdict is None:
            await asyncio.wait({prepared.task})
        self._conclude(prepared, hit=prepared.verdict is not None)
        return prepared

    def miss(self, target: str) -> None:
        """Give up the clause that was expected in this language: it has not come."""
        prepared = self._prepared.pop(target, None)
        if prepared is not None:
            if prepared.task is not None:
                prepared.task.cancel()
            self._conclude(prepared, hit=False)

    def miss_all(self) -> None:
        """Give up all clauses that were expected."""
        for target in list(self._prepared):
            self.miss(target)

    def _conclude(self, prepared: PreparedClause, *, hit: bool) -> None:
        target = prepared.request.target
        if prepared.span is not None:
            times, result = (prepared.began_at, self._now()), Result.HIT if hit else Result.MISS
            timing = StepTimed(StepName.AHEAD, prepared.span, *times, result, target=target)
            self._engines.timings.tell(prepared.context, timing)
        self._emit(Speculated(self._speaker, target, hit=hit))

    async def _prepare(self, prepared: PreparedClause) -> None:
        """Translate, then synthesize the first chunk. Both have an interim's priority until the clause is final."""
        request, urgent = prepared.request, prepared.priority
        try:
            with self._step(StepName.TRANSLATION, request) as step:
                timeout = self._options.mt_timeout
                verdict = await translated(self._engines, request, timeout=timeout, urgent=urgent)
            prepared.verdict, prepared.translation_ms = verdict, step.took_ms
            if prepared.speak and verdict.held is None and (said := read_aloud(verdict.text)):
                sound = replace(prepared.sound, text=chunks(said, request.target)[0])
                with self._step(StepName.SYNTHESIS, request) as step:
                    timeout = self._options.tts_timeout
                    prepared.speech = await self._engines.tts.do(sound, timeout=timeout, urgent=urgent)
                prepared.speech_ms = step.took_ms
        except EngineError:
            return  # it was a courtesy; the segment itself will tell of a failure

    def _step(self, name: StepName, request: Translate) -> TimedStep:
        return TimedStep(self._engines.timings, self._now, name, "", request.target)
