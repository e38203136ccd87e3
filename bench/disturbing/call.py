"""A call without a network: two people, two interpreters, on a clock that stands still while engines work.

The interpreters are the real ones and know each other as in `media.call`, what is spoken goes through the real
playout; a loudspeaker may give it back to the microphone beside it. Run it on a `VirtualLoop`: the time of a
recognition is no part of the question, so ten minutes take as long as the engines need for them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np

from media.playout import VOICE_FRAME_BYTES, Playout
from pipeline.delivery.listener import PlaybackObserver
from pipeline.engines import Transcriber
from pipeline.engines.registry import EngineSpec, make
from pipeline.events import Event, Translated, UtteranceEnded, UtteranceStarted
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import (
    FRAME_MS,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    VOICE_RATE,
    Frame,
    Speech,
    Synthesize,
    Transcribe,
    Transcript,
    Translate,
    Translation,
)
from testing.disturbances import ROOM, Sound

Result = TypeVar("Result")
PATIENCE = 1.6
"""s without a sound, after which nothing more is expected."""
LONGEST = 15.0
"""s after which a loop is left to itself."""
_TAPS = 48
_REFLECTIONS = ((0.0, 1.0), (0.007, 0.4), (0.019, 0.25))  # seconds after the direct sound, and how much of it


@dataclass(slots=True)
class Loudspeaker:
    """Gives what is played back to the microphone: later, softer, without its lowest and highest tones."""

    delay: float = 0.1
    """s from the frame that leaves the server to the one that comes back."""
    gain_db: float = -10.0
    on: bool = False
    _air: Sound = field(default_factory=lambda: np.zeros(SAMPLE_RATE, np.float32))
    _at: int = 0
    _before: Sound = field(default_factory=lambda: np.zeros(_TAPS, np.float32))

    def play(self, pcm: bytes) -> None:
        """20 ms at `VOICE_RATE`; empty is silence."""
        played = np.frombuffer(pcm or bytes(VOICE_FRAME_BYTES), np.int16).astype(np.float32)
        whole = np.concatenate((self._before, played))
        self._before = whole[-_TAPS:]
        heard = np.convolve(whole, _LOUDSPEAKER, "valid")[1:]
        lowered = np.interp(np.arange(FRAME_SAMPLES) * VOICE_RATE / SAMPLE_RATE, np.arange(len(heard)), heard)
        for later, share in _REFLECTIONS:
            start = self._at + round((self.delay + later) * SAMPLE_RATE)
            self._air[(start + np.arange(FRAME_SAMPLES)) % len(self._air)] += (
                share * 10 ** (self.gain_db / 20) * lowered * self.on
            )

    def at_microphone(self) -> Sound:
        """The next 20 ms at `SAMPLE_RATE`."""
        places = (self._at + np.arange(FRAME_SAMPLES)) % len(self._air)
        heard = self._air[places].copy()
        self._air[places] = 0
        self._at += FRAME_SAMPLES
        return heard


def _loudspeaker() -> Sound:
    """A linear-phase band-pass of 200-6500 Hz at `VOICE_RATE`, by windowed sincs."""
    time = np.arange(_TAPS) - (_TAPS - 1) / 2
    high, low = (2 * hz / VOICE_RATE * np.sinc(2 * hz / VOICE_RATE * time) for hz in (6500, 200))
    band: Sound = ((high - low) * np.hamming(_TAPS)).astype(np.float32)
    return band


_LOUDSPEAKER = _loudspeaker()


class Person:
    """One side: a microphone in a quiet room, and an ear (`pipeline.delivery.utterance_delivery.Listener`)."""

    voice = ""
    interruptions = 0

    def __init__(self, participant: str, language: str, seed: int) -> None:
        self.participant = participant
        self.language = language
        self.loudspeaker = Loudspeaker()
        self.playout = Playout()
        self._chance = np.random.default_rng(seed)
        self._said = np.zeros(0, np.float32)

    @property
    def backlog_ms(self) -> float:
        return self.playout.backlog_ms

    @property
    def speaking(self) -> bool:
        return len(self._said) > 0

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        self.playout.play(speech, observer)

    def withdraw(self, observer: PlaybackObserver) -> None:
        self.playout.withdraw(observer)

    def say(self, sound: Sound) -> None:
        """Put it before the microphone, after what is there."""
        self._said = np.concatenate((self._said, sound))

    def slot(self) -> bytes:
        """20 ms: the next frame leaves for the ear, the microphone's is returned."""
        out = self.playout.next_frame()
        self.loudspeaker.play(b"" if out is None else out.pcm)
        heard = self._chance.normal(0, ROOM, FRAME_SAMPLES) + self.loudspeaker.at_microphone()
        said, self._said = self._said[:FRAME_SAMPLES], self._said[FRAME_SAMPLES:]
        if len(said) and not said.any():
            heard[: len(said)] = 0  # muted
        heard[: len(said)] += said
        return np.clip(np.round(heard), -32768, 32767).astype(np.int16).tobytes()


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact, and when (s since the call began)."""

    at: float
    event: Event


class Call:
    """Two people, interpreted both ways. `guarded=False`: nobody is told what the other's interpreter says."""

    def __init__(
        self,
        people: tuple[Person, Person],
        stages: EngineSet,
        *,
        guarded: bool = True,
        settings: InterpreterOptions | None = None,
    ) -> None:
        self.people = people
        self._settings = settings or InterpreterOptions()
        self.happened: list[Happened] = []
        self._guarded = guarded
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self.interpreters = [self._interpreter(one, other, stages) for one, other in (people, people[::-1])]

    def _interpreter(self, of: Person, listener: Person, stages: EngineSet) -> Interpreter:
        return Interpreter(
            of.participant,
            of.language,
            stages=stages,
            audience=lambda: [listener],
            emit=self._tell,
            now=self._loop.time,
            settings=self._settings,
        )

    @property
    def now(self) -> float:
        """Seconds since the call began."""
        return self._loop.time() - self._zero

    async def run(self) -> None:
        """Interpret until cancelled."""
        async with asyncio.TaskGroup() as group:
            for interpreter in self.interpreters:
                group.create_task(interpreter.run())

    async def pass_time(self, seconds: float) -> None:
        """Let so much of the call happen."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            now = self._loop.time()
            start_ms = round((now - self._zero) * 1000)
            for person, interpreter in zip(self.people, self.interpreters, strict=True):
                interpreter.hear(Frame(start_ms, person.slot()))
                interpreter.tick(now)
            await asyncio.sleep(FRAME_MS / 1000)

    async def until_said(self, speaker: Person, sound: Sound) -> float:
        """`speaker` says it; returns when all that comes of it has been heard, with the second in which that was."""
        speaker.say(sound)
        began = quiet = self.now
        while speaker.speaking or self.now < min(quiet + PATIENCE, began + LONGEST):
            await self.pass_time(0.02)
            if speaker.speaking or any(one.playout.backlog_ms for one in self.people):
                quiet = self.now
        return quiet

    def began_s(self, utterance: str) -> float:
        """When an utterance began, on the call's clock: its id says so."""
        return int(utterance.partition("-")[0]) / 1000

    def translations(self, speaker: Person, since: float, until: float) -> list[Translated]:
        """Those of utterances that `speaker` began in that time."""
        return [
            one.event
            for one in self.happened
            if isinstance(one.event, Translated)
            and one.event.speaker == speaker.participant
            and since <= self.began_s(one.event.utterance) < until
        ]

    def opened(self, speaker: Person, since: float, until: float) -> list[UtteranceStarted]:
        """What voice activity took for the beginning of an utterance in that time."""
        return [
            one.event
            for one in self.happened
            if isinstance(one.event, UtteranceStarted)
            and one.event.speaker == speaker.participant
            and since <= self.began_s(one.event.utterance) < until
        ]

    def ends(self, speaker: Person, since: float, until: float) -> list[UtteranceEnded]:
        """The same of ends."""
        return [
            one.event
            for one in self.happened
            if isinstance(one.event, UtteranceEnded)
            and one.event.speaker == speaker.participant
            and since <= self.began_s(one.event.utterance) < until
        ]

    def _tell(self, event: Event) -> None:
        self.happened.append(Happened(self.now, event))
        if self._guarded:
            for interpreter in self.interpreters:
                interpreter.overhear(event)


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
async def bundled(**options: Any) -> AsyncIterator[tuple[EngineSet, Counting]]:
    """The bundled engines, in this loop, with these options for the recogniser; and how often recognition was asked,
    by language."""
    ear = Counting(**options)
    mt, tts = make(EngineSpec("mt", "starter")), make(EngineSpec("tts", "espeak"))
    lanes = (
        InLoopLane[Transcribe, Transcript](ear),
        InLoopLane[Translate, Translation](mt),
        InLoopLane[Synthesize, Speech](tts),
    )
    async with EngineSet(*lanes) as stages:
        yield stages, ear


async def in_call(
    stages: EngineSet,
    seed: int,
    scene: Callable[[Call], Coroutine[Any, Any, Result]],
    *,
    guarded: bool = True,
    settings: InterpreterOptions | None = None,
) -> Result:
    """What a scene between Ana, in English, and Ben, in Spanish, returns."""
    people = Person("ana", "en", seed), Person("ben", "es", seed + 1)
    call = Call(people, stages, guarded=guarded, settings=settings)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(call.run())
        result = await scene(call)
        running.cancel()
    return result
