"""A speaker, an interpreter with scripted engines, and ears, on a virtual clock; and the laws of its facts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from pipeline.direct import DirectLane
from pipeline.engines.scripted import (
    ScriptedSynthesizer,
    ScriptedTranscriber,
    ScriptedTranslator,
    in_loop,
    tone,
)
from pipeline.events import (
    EngineFailed,
    Event,
    LoadChanged,
    Outcome,
    ProcessingEnded,
    ProcessingStarted,
    Speculated,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.interpreter import Interpreter, Interpreting
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame, Speech
from pipeline.stages import Stages
from pipeline.vad import Loudness


class Ear:
    """A listener whose loudspeaker takes as long as the speech lasts."""

    def __init__(self, participant: str, language: str) -> None:
        self.participant = participant
        self.language = language
        self.voice = ""
        self.heard: list[Speech] = []
        self.already_ms = 0.0
        """Backlog of other things."""
        self._free_at = 0.0

    @property
    def backlog_ms(self) -> float:
        return self.already_ms + max(0.0, self._free_at - asyncio.get_running_loop().time()) * 1000

    def play(self, speech: Speech, told: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        self.heard.append(speech)
        begin = max(loop.time(), self._free_at)
        self._free_at = begin + speech.duration_ms / 1000
        loop.call_at(begin, told, "start")
        loop.call_at(self._free_at, told, "end")


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
        settings: Interpreting | None = None,
        stt_bound: int = 16,
    ) -> None:
        self.events: list[Event] = []
        self.ears = [Ear("bob", "es")] if ears is None else list(ears)
        engines = (stt or ScriptedTranscriber(), mt or ScriptedTranslator(), tts or ScriptedSynthesizer())
        self.stt, self.mt, self.tts = (Counted(e if callable(e) else in_loop(e)) for e in engines)
        self._stages = Stages(DirectLane(self.stt, bound=stt_bound), DirectLane(self.mt), DirectLane(self.tts))
        self._language, self._settings = language, settings
        self.media_ms = 4000
        self._began = 0.0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await self._stages.__aenter__()
        self.interpreter = Interpreter(
            "ann",
            self._language,
            stages=self._stages,
            audience=lambda: self.ears,
            tell=self.events.append,
            now=loop.time,
            activity=Loudness(),  # type: ignore[arg-type]
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

    async def tone(self, hz: float, seconds: float) -> None:
        await self._speak(tone(hz, seconds, SAMPLE_RATE))

    async def silence(self, seconds: float) -> None:
        await self._speak(bytes(int(seconds * SAMPLE_RATE) * 2))

    async def unsent(self, seconds: float) -> None:
        """Nothing comes from the microphone, as in a browser's DTX; the room's clock goes on."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            self.media_ms += FRAME_MS
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
        await asyncio.sleep(FRAME_MS / 1000)
        self.interpreter.tick(asyncio.get_running_loop().time())

    # what was told

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if type(event) is kind]

    @property
    def outcomes(self) -> list[tuple[str, str | None]]:
        return [(event.outcome.value, event.reason) for event in self.of(UtteranceEnded)]

    @property
    def finals(self) -> list[str]:
        return [event.text for event in self.of(Transcribed) if event.final]

    @property
    def translations(self) -> list[str]:
        return [event.text for event in self.of(Translated)]


def obey(events: list[Event]) -> None:
    """What is true of every call (PROTOCOL section 4), for utterances that have ended."""
    started = [event.utterance for event in events if isinstance(event, UtteranceStarted)]
    assert started == sorted(set(started)), "utterance ids are unique and sort in speaking order"
    for utterance in started:
        about = [e for e in events if not isinstance(e, LoadChanged | Speculated) and e.utterance == utterance]
        ends = [e for e in about if isinstance(e, UtteranceEnded)]
        if not ends:
            continue
        assert len({e.target for e in ends}) == len(ends), "one end for each language"
        assert isinstance(about[-1], UtteranceEnded), "the end is the last fact"
        for end in ends:
            after = about[about.index(end) + 1 :]
            assert not any(getattr(e, "target", None) == end.target for e in after)
            assert not any(isinstance(e, SpeechPlayed) and e.listener in end.listeners for e in after)
        texts = [e for e in about if isinstance(e, Transcribed)]
        assert [e.revision for e in texts] == list(range(len(texts)))
        assert [e.final for e in texts] == [False] * (len(texts) - 1) + [True] * bool(texts)
        begun = [type(e) for e in about if isinstance(e, ProcessingStarted | ProcessingEnded)]
        assert begun in ([], [ProcessingStarted, ProcessingEnded])
        for end in ends:
            _obey_one_language(about, end, texts[-1].text if texts else "")


def _obey_one_language(about: list[Event], end: UtteranceEnded, transcript: str) -> None:
    translated = [e for e in about if isinstance(e, Translated) and e.target == end.target]
    failed = [e.stage for e in about if isinstance(e, EngineFailed)]
    if "mt" not in failed and end.outcome in (Outcome.SPOKEN, Outcome.FAILED) and translated:
        assert "".join(e.segment.text for e in translated) == transcript, "segments tile the transcript"
    for e in translated:
        assert transcript[e.segment.start : e.segment.end] == e.segment.text
    assert [e.segment.index for e in translated] == sorted({e.segment.index for e in translated})
    for listener in end.listeners:
        states: dict[int, list[str]] = {}
        for e in about:
            if isinstance(e, SpeechPlayed) and e.listener == listener:
                states.setdefault(e.segment, []).append(e.state)
                before = about[: about.index(e)]
                final = [t for t in before if isinstance(t, Translated) and t.segment.index == e.segment]
                assert any(t.final for t in final), "a segment is final before it is spoken"
        assert all(s in (["start", "end"], ["skipped"]) for s in states.values())
        heard = [number for number, told in states.items() if told[0] == "start"]
        assert heard == sorted(heard), "what is heard is heard in order"
    spoken = any(isinstance(e, SpeechPlayed) and e.state == "start" and e.listener in end.listeners for e in about)
    assert spoken == (end.outcome is Outcome.SPOKEN)
    assert (end.latency.first_audio_ms is not None) == spoken
