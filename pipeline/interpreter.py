"""One speaker's interpreter: frames in, facts and speech out.

`hear` runs at frame rate, inline, and never waits. Small loops at sentence rate transcribe, translate and speak
side by side (`recognition.transcribing`, `delivery.stages`); this is where they meet, and where all is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from pipeline.delivery.audience import Audience
from pipeline.delivery.listener import Listener
from pipeline.delivery.stages import Delivery, DeliveryOptions
from pipeline.engines import EngineError
from pipeline.events import (
    EngineFailed,
    Event,
    LanguageDetected,
    LoadChanged,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceStarted,
)
from pipeline.hearing.echo_guard import EchoGuard
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.lanes.engine_set import EngineSet
from pipeline.overload import OverloadLadder, OverloadOptions
from pipeline.recognition.language_detection import DetectionOptions, LanguageDetector
from pipeline.recognition.passes import RecognitionOptions
from pipeline.recognition.sink import Failure
from pipeline.recognition.transcribing import Transcribing
from pipeline.recognition.utterance import Utterance
from pipeline.recognition.utterance_builder import SpeechDetector, UtteranceBuilder
from pipeline.speech import Frame, Segment
from pipeline.text.language import primary, same


@dataclass(frozen=True, slots=True)
class InterpreterOptions:
    """Settings of an interpreter."""

    endpointing: EndpointingOptions = field(default_factory=EndpointingOptions)
    passes: RecognitionOptions = field(default_factory=RecognitionOptions)
    pace: DeliveryOptions = field(default_factory=DeliveryOptions)
    limits: OverloadOptions = field(default_factory=OverloadOptions)
    barge_in: bool = False
    """Whether the interpreter falls silent for one who begins to speak themselves. In a call between two people
    both are interpreted when both talk, so usually not."""
    most_waiting: int = 16
    """Utterances of one speaker that wait for the engines; beyond it speech is given up and typed text refused."""
    activity: Callable[[], SpeechDetector] = VoiceActivity
    detection: DetectionOptions = field(default_factory=DetectionOptions)
    """When a speaker whose language is detected is believed to speak another (`Interpreter.detect`)."""


class Interpreter:
    """Listens to one speaker on behalf of all who hear them. `run` must be running."""

    def __init__(
        self,
        speaker: str,
        language: str,
        *,
        stages: EngineSet,
        audience: Callable[[], Sequence[Listener]],
        tell: Callable[[Event], None],
        now: Callable[[], float],
        activity: SpeechDetector | None = None,
        settings: InterpreterOptions | None = None,
    ) -> None:
        self.speaker = speaker
        self._settings = settings = settings or InterpreterOptions()
        self._tell = tell
        self._now = now
        self._stt = stages.stt
        self._progress = asyncio.Event()
        self._audience = Audience(
            speaker, stages=stages, listeners=audience, tell=tell, progress=self._progress.set, now=now
        )
        self._load = OverloadLadder(self._load_changed, settings.limits)
        self._listening = UtteranceBuilder(
            speaker,
            language,
            activity=activity or settings.activity(),
            endpointing=settings.endpointing,
            least_voice_ms=settings.passes.least_voice_ms,
            now=now,
            began=self._began,
            paused=self._paused,
            ended=self._ended,
        )
        self._transcribing = Transcribing(
            stt=stages.stt, passes=settings.passes, load=self._load, listening=self._listening, outlet=self, now=now
        )
        self._rendering = Delivery(
            speaker,
            stages=stages,
            pace=settings.pace,
            tell=tell,
            failed=self.failed,
            silent=lambda: self._load.silent,
            voiced_at=lambda: self._listening.voiced_at,
            now=now,
        )
        self._echo = EchoGuard()
        self._detector = LanguageDetector(language, settings.detection)
        self._detectable: Callable[[], Collection[str]] | None = None

    # frame rate: plain calls

    @property
    def language(self) -> str:
        """What the speaker speaks; one that is set holds from the next utterance on."""
        return self._listening.language

    @language.setter
    def language(self, language: str) -> None:
        self._listening.language = language
        if not same(language, self._detector.language):
            self._detector.set(language)

    def detect(self, languages: Callable[[], Collection[str]] | None) -> None:
        """Judge from settled speech which of these (primary subtags) the speaker speaks, and tell `LanguageDetected`
        once it is another than the one that is set. None: the language is what it is set to."""
        self._detectable = languages
        self._detector.set(self.language)
        self._listening.candidates = tuple if languages is None else self._candidates

    def hear(self, frame: Frame) -> None:
        """The next frame of the speaker's microphone, in media order."""
        self._listening.hear(frame)
        self._transcribing.heard_more()

    def tick(self, now: float) -> None:
        """Every 20 ms or so: ends an utterance whose frames have stopped coming."""
        self._load.troubled(self._audience.trouble())
        self._load.tick(now, self._transcribing.lag, self._stt.waiting)
        self._listening.crowded(self._load.crowded)
        self._listening.tick(now)

    def end_utterance(self) -> None:
        """Push-to-talk was released."""
        self._listening.release()

    def say(self, text: str, at_ms: int, client_id: str | None = None) -> bool:
        """Typed text: an utterance of this speaker without audio. False where too many wait: it is not taken."""
        if len(self._transcribing.pending) >= self._settings.most_waiting:
            return False
        utterance = self._listening.typed(text, at_ms, client_id)
        self._began(utterance)
        self._ended(utterance)
        return True

    def overhear(self, event: Event) -> None:
        """A fact about another speaker, whose interpreter's voice this one may hear from a loudspeaker."""
        match event:
            case Translated() if self.speaker in event.listeners:
                self._echo.will_play((event.utterance, event.segment.index), event.text)
            case SpeechPlayed(listener=self.speaker, state="start"):
                self._echo.began((event.utterance, event.segment), self._now())
            case SpeechPlayed(listener=self.speaker):
                self._echo.ended((event.utterance, event.segment), self._now())

    def _began(self, utterance: Utterance) -> None:
        self._transcribing.add(utterance)
        self._tell(UtteranceStarted(utterance.id, self.speaker))

    def _paused(self) -> None:
        self._transcribing.paused()

    def _ended(self, utterance: Utterance) -> None:
        if len(self._transcribing.pending) > self._settings.most_waiting:
            utterance.given_up = True
            utterance.audio.clear()
        self._transcribing.wake()
        self._progress.set()

    # sentence rate

    async def run(self) -> None:
        """Transcribe, translate and speak until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._transcribing.run(self._progress.set))
            self._rendering.start(group)

    def forget(self) -> None:
        """`run` has ended for good: the halves of an interpreter refer to each other no more."""
        self._detectable = None
        self._listening.forget()
        self._audience.forget()
        del self._audience, self._transcribing, self._rendering, self._load

    async def finish(self, patience: float = 0.0) -> None:
        """Hear the sentence that is being said to its end, for `patience` seconds at most, and nothing after
        it; return when all that was said is heard or given up."""
        self._listening.stop()
        try:
            async with asyncio.timeout(patience):
                while self._listening.current is not None:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            self.end_utterance()
        await self.caught_up()

    async def caught_up(self) -> None:
        """Return when all that has ended is heard or given up, and no engine works for this speaker."""
        while self._transcribing.behind or self._audience.awaited:
            self._progress.clear()
            await self._progress.wait()

    # what transcribing finds out (`outlet.Outlet`)

    def working(self, utterance: Utterance) -> None:
        self._audience.working(utterance)

    def shown(self, utterance: Utterance, *, final: bool) -> None:
        draft = utterance.draft
        told = draft.text, len(draft.settled)
        if told == utterance.shown and not final:
            return
        utterance.shown = told
        self._tell(
            Transcribed(
                utterance.id,
                self.speaker,
                utterance.revision,
                draft.text,
                len(draft.settled),
                final,
                utterance.language,
                utterance.start_ms,
                utterance.end_ms,
                utterance.confidence,
                utterance.client_id,
            )
        )
        utterance.revision += 1

    async def settled(self, utterance: Utterance, segments: list[Segment], voiced_at: float) -> None:
        if utterance.text is None:
            self.working(utterance)
        flows = self._audience.rendering(utterance, len(segments))
        for flow in flows:
            for part in segments:
                flow.expect(part)
        for part in segments:
            for flow in flows:
                await self._rendering.put(flow, part, voiced_at)
            self._rendering.said(part.text)

    def expected(self, utterance: Utterance, text: str | None) -> None:
        if text is None:
            self._rendering.forget()
            return
        for target, ears in self._audience.targets().items():
            if self._audience.renders(utterance.language, target):
                self._rendering.expect(text, utterance.language, target, ears)

    def concluded(self, utterance: Utterance, trouble: Failure | None) -> None:
        assert utterance.ended_at is not None
        self._audience.conclude(utterance, trouble)
        self._judge_language(utterance)
        if utterance.text is None and (trouble is None or not trouble.failed):
            self._load.concluded(self._now() - utterance.ended_at, self._now())

    def _candidates(self) -> tuple[str, ...]:
        """One language is no choice: recognition is spared the question then."""
        possible = {primary(self.language), *(self._detectable() if self._detectable else ())}
        return tuple(sorted(possible)) if len(possible) > 1 else ()

    def _judge_language(self, utterance: Utterance) -> None:
        if self._detectable is None or not same(utterance.language, self.language):
            return
        changed = self._detector.heard(utterance.spoken, utterance.spoken_ms, utterance.candidates)
        if changed is not None:
            self._tell(LanguageDetected(self.speaker, changed))

    def failed(self, stage: str, utterance: str, error: EngineError) -> None:
        self._tell(EngineFailed(utterance, self.speaker, stage, str(error)))
        self._load.failed(stage, self._now())

    def echoes(self, utterance: Utterance, text: str) -> bool:
        known = utterance.sentence.until_ms if utterance.sentence is not None and utterance.sentence.settled else 0
        since = utterance.voiced_at - (utterance.voice_end_ms - known) / 1000
        return self._echo.is_echo(text, since, utterance.voiced_at)

    def _load_changed(self, level: str, lag_ms: float, message: str | None) -> None:
        self._tell(LoadChanged(self.speaker, level, lag_ms, message))
