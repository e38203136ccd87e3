"""The bundled engines in the event loop, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from pipeline.engines import Transcriber
from pipeline.engines.registry import Engine, EngineSpec, make
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation


class Counting:
    """A `Transcriber` that counts what it is asked."""

    def __init__(self, **options: Any) -> None:
        self._engine = cast(Transcriber, make(EngineSpec("stt", "starter", options)))
        self.languages = self._engine.languages
        self.asked: Counter[str] = Counter()

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        self.asked.update(job.language for job in jobs)
        return self._engine.transcribe(jobs)


@asynccontextmanager
async def bundled(voice: Engine | None = None, /, **options: Any) -> AsyncIterator[tuple[EngineSet, Counting]]:
    """Yield the bundled engines in this loop, and their counting recogniser. `options` are the recogniser's.

    `voice` speaks in espeak-ng's place.
    """
    ear = Counting(**options)
    mt, tts = make(EngineSpec("mt", "starter")), voice or make(EngineSpec("tts", "espeak"))
    lanes = (
        InLoopLane[Transcribe, Transcript](ear),
        InLoopLane[Translate, Translation](mt),
        InLoopLane[Synthesize, Speech](tts),
    )
    async with EngineSet(*lanes) as stages:
        yield stages, ear
