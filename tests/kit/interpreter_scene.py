"""A speaker, an interpreter with scripted engines, and ears, on a virtual clock; its facts obey the laws."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from pipeline.engines.scripted import (
    ScriptedSynthesizer,
    ScriptedTranscriber,
    ScriptedTranslator,
    in_loop,
    tone,
)
from pipeline.events import EngineFailed, Event, Transcribed, Translated, UtteranceEnded
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.recognition.utterance_builder import SpeechDetector
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame
from tests.kit.invariants import obey
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Said


class Counted:
    """An engine in the loop that notes its jobs."""

    def __init__(self, run: Any) -> None:
        self.jobs: list[Any] = []
        self.languages = run.languages
        self.pairs = run.pairs
        self._run = run

    async def __call__(self, job: Any) -> Any:
        self.jobs.append(job)
        return await self._run(job)


class Scene:
    """`async with Scene() as scene: await scene.tone(440, 1.0); await scene.silence(1.0)`."""

    def __init__(
        self,
        *,
        stt: Any = None,
        mt: Any = None,
        tts: Any = None,
        language: str = "en",
        ears: Sequence[Ear] | None = None,
        settings: InterpreterOptions | None = None,
        stt_bound: int = 16,
        speaker: str = "ann",
        activity: SpeechDetector | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.ears = [Ear("bob", "es")] if ears is None else list(ears)
        engines = (stt or ScriptedTranscriber(), mt or ScriptedTranslator(), tts or ScriptedSynthesizer())
        self.stt, self.mt, self.tts = (Counted(e if callable(e) else in_loop(e)) for e in engines)
        self._stages = EngineSet(InLoopLane(self.stt, bound=stt_bound), InLoopLane(self.mt), InLoopLane(self.tts))
        self._language, self._settings = language, settings
        self._activity = activity or Loudness()
        self.speaker = speaker
        self.partner: Scene | None = None
        """The other scene, whose interpreter sees these events too, as in a call."""
        self.on_event: Callable[[Event], None] | None = None
        self.media_ms = 4000
        self.said_at: dict[int, float] = {}
        """Time of the last frame of each word, by the word's number."""
        self.frames_at_once = 1
        self._slots = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await self._stages.__aenter__()
        self.interpreter = Interpreter(
            self.speaker,
            self._language,
            stages=self._stages,
            audience=lambda: self.ears,
            emit=self._tell,
            now=loop.time,
            activity=self._activity,
            settings=self._settings,
        )
        self.running = asyncio.ensure_future(self.interpreter.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = self.running.done()
        self.running.cancel()
        await asyncio.wait({self.running})
        await self._stages.__aexit__(kind, error, trace)
        if failed:
            await self.running
        if kind is None:
            obey(self.events)

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)
        if self.partner is not None:
            self.interpreter.overhear(event)
            self.partner.interpreter.overhear(event)

    async def say(self, words: Sequence[Said], pauses_ms: Mapping[int, int] | None = None) -> None:
        """The words, one after the other; `pauses_ms` is silence behind a word, by its place."""
        for place, word in enumerate(words):
            await self._speak(word.pcm)
            self.said_at[word.number] = asyncio.get_running_loop().time()
            await self.silence((pauses_ms or {}).get(place, 0) / 1000)

    async def caught_up(self) -> None:
        """Silence until all that was said is heard or given up."""
        await self.silence(1.5)
        async with asyncio.timeout(600):
            await self.interpreter.caught_up()

    async def sound(self, pcm: bytes) -> None:
        """A recording: mono s16 at `SAMPLE_RATE`."""
        await self._speak(pcm)

    async def tone(self, hz: float, seconds: float) -> None:
        await self._speak(tone(hz, seconds, SAMPLE_RATE))

    async def silence(self, seconds: float) -> None:
        await self._speak(bytes(int(seconds * SAMPLE_RATE) * 2))

    async def unsent(self, seconds: float) -> None:
        """Nothing comes from the microphone, as in a browser's DTX; the room's clock goes on."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            self.media_ms += FRAME_MS
            await self._slot()

    async def stands_still(self, seconds: float) -> None:
        """The line: what is said meanwhile comes afterwards."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            await self._slot()

    async def comfort_noise(self, count: int) -> None:
        """A packet without speech every 400 ms, as browsers send in DTX."""
        for _ in range(count):
            self.interpreter.hear(Frame(self.media_ms))
            await self.unsent(0.4)

    async def _speak(self, pcm: bytes) -> None:
        for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
            self.interpreter.hear(Frame(self.media_ms, pcm[at : at + FRAME_BYTES]))
            self.media_ms += FRAME_MS
            await self._slot()

    async def _slot(self) -> None:
        """20 ms pass; where frames come several at once, after the last of them."""
        self._slots += 1
        if self._slots % self.frames_at_once == 0:
            await asyncio.sleep(FRAME_MS * self.frames_at_once / 1000)
            self.interpreter.tick(asyncio.get_running_loop().time())

    # what was told

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if type(event) is kind]

    def failed(self, stage: str) -> bool:
        """Return True if an engine failed, and cost something."""
        return any(event.stage == stage for event in self.of(EngineFailed))

    @property
    def outcomes(self) -> list[tuple[str, str | None]]:
        return [(event.outcome.value, event.reason) for event in self.of(UtteranceEnded)]

    @property
    def finals(self) -> list[str]:
        return [event.text for event in self.of(Transcribed) if event.final]

    @property
    def translations(self) -> list[str]:
        return [event.text for event in self.of(Translated)]
