"""One person speaks sentences in real time to an interpreter; the listener notes when each begins to be heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.delivery.listener import PlaybackObserver
from pipeline.engines.scripted import tone
from pipeline.events import PlaybackState
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame, Speech

SPOKEN_S, SILENT_S = 1.5, 1.5


@dataclass(slots=True)
class Ear:
    """A `Listener` that notes the loop time of the first sound of each sentence, and hears nothing."""

    participant: str = "listener"
    language: str = "es"
    voice: str = ""
    interruptions: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    first_at: float = 0.0
    """Loop time of the first sound since `heard` was cleared."""

    @property
    def backlog_ms(self) -> float:
        return 0.0

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        if not self.heard.is_set():
            self.first_at = asyncio.get_running_loop().time()
        self.heard.set()
        observer(PlaybackState.START)
        observer(PlaybackState.END)

    def withdraw(self, observer: PlaybackObserver) -> None:
        """Nothing is queued."""


async def first_sounds(stages: Sequence[EngineSet], sentences: int) -> list[list[float]]:
    """Return for each of `stages` the times from the last voiced frame to the first sound, s.

    The sentences are spoken to one after the other, so that all meet the same machine. Raises TimeoutError for a
    sentence that is not heard.
    """
    loop = asyncio.get_running_loop()
    ears = [Ear() for _ in stages]
    found: list[list[float]] = [[] for _ in stages]
    interpreters = [_interpreter(one, ear) for one, ear in zip(stages, ears, strict=True)]
    slots = [0 for _ in stages]
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(one.run()) for one in interpreters]
        for number in range(sentences * len(stages)):
            which = number % len(stages)
            interpreter, ear = interpreters[which], ears[which]
            ear.heard.clear()
            ended_at, due = 0.0, loop.time()
            for slot in range(_VOICED + round(SILENT_S * 1000 / FRAME_MS)):
                interpreter.hear(Frame(slots[which] * FRAME_MS, _sound(slot)))
                slots[which] += 1
                interpreter.tick(loop.time())
                if slot == _VOICED - 1:
                    ended_at = loop.time()
                due += FRAME_MS / 1000
                await asyncio.sleep(max(0.0, due - loop.time()))
            async with asyncio.timeout(30):
                await ear.heard.wait()
            found[which].append(ear.first_at - ended_at)
        for task in running:
            task.cancel()
    return found


def _interpreter(stages: EngineSet, ear: Ear) -> Interpreter:
    options = InterpreterOptions(activity=Loudness)
    now = asyncio.get_running_loop().time
    return Interpreter(
        "speaker", "en", stages=stages, audience=lambda: [ear], emit=lambda _: None, now=now, settings=options
    )


_TONE = tone(440, SPOKEN_S, SAMPLE_RATE)
_VOICED = len(_TONE) // FRAME_BYTES


def _sound(slot: int) -> bytes:
    return _TONE[slot * FRAME_BYTES :][:FRAME_BYTES] if slot < _VOICED else bytes(FRAME_BYTES)
