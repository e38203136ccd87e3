"""Prompts through the interpreter on a virtual clock: the pieces that became final, and how long each took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from bench.sentence_ends.places import Piece
from bench.sentence_ends.recorded_passes import RecordedPasses
from bench.simulated_call.call import Call, in_call
from pipeline.engines.registry import Engine
from pipeline.engines.translation.apertium import Apertium
from pipeline.errors import EngineError
from pipeline.events import Translated
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation
from testing.disturbances import Sound

Translator: TypeAlias = Apertium | Callable[[Translate], Awaitable[Translation]]
BEHIND_S = 3.0
"""Quiet after what was said: longer than any end waits."""


@dataclass(slots=True)
class Heard:
    """Results of one prompt."""

    pieces: list[Piece] = field(default_factory=list)
    translations: list[str] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    """For each piece: from its last voice to its translation."""


def waiting(delay_ms: int) -> InterpreterOptions:
    """Return the usual options, but for a soft end after `delay_ms`, and later edges no earlier than that."""
    usual = EndpointingOptions()
    return InterpreterOptions(
        endpointing=replace(
            usual,
            pause_ms=min(usual.pause_ms, delay_ms),
            soft_end_ms=delay_ms,
            late_ms=max(usual.late_ms, delay_ms),
            hangover_ms=max(usual.hangover_ms, delay_ms),
            patient_ms=max(usual.patient_ms, delay_ms),
        )
    )


@contextmanager
def translating() -> Iterator[Translator]:
    """Yield Apertium where it is installed, and elsewhere a translator that changes nothing."""
    try:
        apertium = Apertium()
    except EngineError:
        yield _unchanged
        return
    with closing(apertium):
        yield apertium


@asynccontextmanager
async def engines(
    passes: RecordedPasses, voice: Engine | None = None, translator: Translator | None = None
) -> AsyncIterator[EngineSet]:
    """Yield real passes, a translator, and `voice`. None: nothing waits for speech that is played.

    `translator` stays open for other loops. None: one of `translating` that ends with the engines.
    """
    with translating() if translator is None else nullcontext(translator) as mt:
        lanes = (
            InLoopLane[Transcribe, Transcript](passes, languages=passes.languages),
            InLoopLane[Translate, Translation](mt, pairs=frozenset({("en", "es"), ("es", "en")})),
            InLoopLane[Synthesize, Speech](voice or _mute, languages=None if voice else frozenset()),
        )
        async with EngineSet(*lanes) as stages:
            yield stages


async def heard(
    stages: EngineSet, sound: Sound, settings: InterpreterOptions | None = None, *, spanish: bool = False
) -> Heard:
    """Say a sound in a call from English to Spanish, or the other way, and return what became of it."""

    async def scene(call: Call) -> Heard:
        person = call.people[spanish]
        person.say(sound)
        while person.speaking:
            await call.pass_time(0.2)
        await call.pass_time(BEHIND_S)
        async with asyncio.TaskGroup() as group:
            over = group.create_task(call.interpreters[spanish].caught_up())
            while not over.done():
                await call.pass_time(0.2)  # speech is played meanwhile
        found = Heard()
        events = [(one.at, one.event) for one in call.happened if isinstance(one.event, Translated) and one.event.final]
        began = asyncio.get_running_loop().time() - call.now
        for at, event in sorted(events, key=lambda one: (one[1].utterance, one[1].segment.index)):
            found.pieces.append(Piece(event.segment.text, getattr(event, "continues", None) is not None))
            found.translations.append(event.text)
            found.late_ms.append((began + at - event.voiced_at) * 1000)
        return found

    return await in_call(stages, 1, scene, settings=settings)


def sound_of(pcm: bytes) -> Sound:
    """Return s16 at 16 kHz as a microphone gives it."""
    return np.frombuffer(pcm, np.int16).astype(np.float32)


async def _unchanged(job: Translate) -> Translation:
    return Translation(job.text, job.source, job.target, kept=True)


async def _mute(job: Synthesize) -> Speech:
    raise EngineError(f"no voice for {job.language}")
