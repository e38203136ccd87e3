"""A call without a network, on a virtual clock: two real participants, and what reaches their ears."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import numpy as np

from media.call import Call
from media.connection import Connection
from media.events import RoomEvent
from media.participant import Participant
from media.playout import OutFrame
from media.rtp.sender import VoiceSender
from pipeline.engines.scripted import ScriptedTranscriber, in_loop
from pipeline.events import SpeechPlayed, Transcribed, UtteranceEnded
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import FRAME_MS, VOICE_RATE, Speech, Synthesize, Translate, Translation


class Capitals:
    """The translation: the same words in capitals."""

    pairs = frozenset({("en", "es"), ("es", "en")})
    languages: frozenset[str] = frozenset()

    async def __call__(self, job: Translate) -> Translation:
        return Translation(job.text.upper(), job.source, job.target, kept=True)


class Tongue:
    """A voice whose every line sounds for `spoken_s`; `made_s` is how long the making of the n-th takes, `fails` which
    can't be made."""

    languages = frozenset({"en", "es"})
    pairs: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, *, spoken_s: float = 1.0, made_s: dict[int, float] | None = None, fails: int = -1) -> None:
        self.lines: list[str] = []
        self._spoken_s, self._made_s, self._fails = spoken_s, made_s or {}, fails

    async def __call__(self, job: Synthesize) -> Speech:
        number = len(self.lines)
        self.lines.append(job.text)
        await asyncio.sleep(self._made_s.get(number, 0.0))
        if number == self._fails:
            raise RuntimeError("no voice for this")
        return Speech(np.full(int(self._spoken_s * VOICE_RATE), number + 1, np.int16).tobytes())


class _Wire(VoiceSender):
    """Notes the lines whose frames leave, by the number of the line."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.frames = 0

    def speak(self, frame: OutFrame, now: float) -> None:
        if frame.voiced:
            self.frames += 1
            line = int.from_bytes(frame.pcm[:2], "little") - 1
            if self.lines[-1:] != [line]:
                self.lines.append(line)


def _person(name: str, language: str) -> Participant:
    return Participant(name, language, "s-1", asyncio.get_running_loop().time, lambda: 0)


class Unwired:
    """Ann (en) and Bob (es), whose `heard` are the lines that reached his ear, in order."""

    def __init__(self, tongue: Tongue, **settings: Any) -> None:
        self.tongue = tongue
        self.facts: list[tuple[float, RoomEvent]] = []
        self._settings = InterpreterOptions(activity=Loudness, **settings)
        self._wire = _Wire()

    async def __aenter__(self) -> Self:
        self._loop = loop = asyncio.get_running_loop()
        self._began = loop.time()
        stt, mt, tts = in_loop(ScriptedTranscriber()), Capitals(), self.tongue
        self._stages = EngineSet(InLoopLane(stt), InLoopLane(mt), InLoopLane(tts))
        await self._stages.__aenter__()
        self.people = self._people()
        self.ann, self.bob = self.people[0], self.people[-1]
        self.call = Call(
            self.people,
            stages=self._stages,
            emit=lambda fact: self.facts.append((loop.time() - self._began, fact)),
            now=loop.time,
            session_ms=lambda now: now * 1000,
            options=self._settings,
        )
        self.here(self.ann, _Wire())
        self.here(self.bob, self._wire)
        self._running = [asyncio.ensure_future(one.run()) for one in self.call.interpreters.values()]
        return self

    def _people(self) -> tuple[Participant, ...]:
        return _person("ann", "en"), _person("bob", "es")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.wait(self._running)
        await self._stages.__aexit__(kind, error, trace)

    def here(self, person: Participant, wire: VoiceSender | None = None) -> None:
        """Their connection is there (again)."""
        peer: Any = SimpleNamespace(connected=True)
        person.connection = Connection(peer, 1, ("0",), wire or self._wire, (None,))

    def ann_types(self, text: str) -> None:
        assert self.call.interpreters["ann"].say(text, 0)

    def bob_says(self, text: str, revision: int = 0) -> None:
        """The first words of an utterance of his are told."""
        self.call._pass_on(Transcribed("u-bob", "bob", revision, text, 0, False, "es", 0, 0, 1.0))

    async def passes(self, seconds: float) -> None:
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            now = self._loop.time()
            for person in self.people:
                person.tick(now, 0, now * 1000)
            self.call.tick(now)
            await asyncio.sleep(FRAME_MS / 1000)

    @property
    def heard(self) -> list[str]:
        return [self.tongue.lines[number] for number in self._wire.lines]

    @property
    def heard_s(self) -> float:
        return self._wire.frames * FRAME_MS / 1000

    @property
    def told(self) -> list[tuple[float, str, int | None, str | None]]:
        """Return the reports on Ann's segments: tenths of a second, event, segment; and the end of each."""
        found: list[tuple[float, str, int | None, str | None]] = []
        for at, fact in self.facts:
            if isinstance(fact, SpeechPlayed):
                found.append((round(at, 1), fact.state, fact.segment, fact.reason))
            elif isinstance(fact, UtteranceEnded) and fact.speaker == "ann":
                found.append((round(at, 1), fact.outcome.value, None, fact.reason))
        return found


class Alone(Unwired):
    """Ann (en), who hears herself in Spanish; `heard` are the lines that reached her own ear, in order."""

    def _people(self) -> tuple[Participant, ...]:
        ann = _person("ann", "en")
        ann.hears_self_in = "es"
        return (ann,)
