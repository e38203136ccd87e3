"""One speaker's interpreter: wires hearing, recognition and delivery; frames in, events and speech out.

Four parts meet here: utterances are built from frames (`recognition.utterance_builder`) and recognised
(`recognition.machine`, `recognition.loop`); final segments are translated and spoken (`delivery.stages`) to an audience
(`delivery.audience`). `hear` runs at frame rate, inline, and never waits; the rest are loops at sentence rate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial

from pipeline.context import current
from pipeline.delivery.audience import Audience
from pipeline.delivery.listener import Listener
from pipeline.delivery.stages import Delivery
from pipeline.events import EngineStage, Event, LanguageDetected, UtteranceStarted
from pipeline.interpreter_events import emit_failure, emit_load, transcribed
from pipeline.interpreter_options import InterpreterOptions as InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.overload import OverloadLadder
from pipeline.recognition.actions import Action, Conclude, Expect, Fail, Finalize, Progress, Show, Wait, Work
from pipeline.recognition.language_detection import LanguageDetector
from pipeline.recognition.loop import RecognitionLoop
from pipeline.recognition.machine import Machine
from pipeline.recognition.utterance_builder import (
    Began,
    Change,
    Ended,
    Silent,
    SpeechDetector,
    UtteranceBuilder,
    Voiced,
)
from pipeline.recognition.voice_origin import VoiceOrigin
from pipeline.speech import Frame
from pipeline.text.language import primary, same
from pipeline.timings import UtteranceTimed
from pipeline.types import Clock, Emit


class Interpreter:
    """Interpreter of one speaker for all who listen. `run` must be running."""

    def __init__(
        self,
        speaker: str,
        language: str,
        *,
        stages: EngineSet,
        audience: Callable[[], Sequence[Listener]],
        emit: Emit,
        now: Clock,
        activity: SpeechDetector | None = None,
        settings: InterpreterOptions | None = None,
    ) -> None:
        self.speaker = speaker
        self._settings = settings = settings or InterpreterOptions()
        self._emit = emit
        self._now = now
        self._stt = stages.stt
        self._timings = stages.timings
        self._hears = stages.hears
        self._progress = asyncio.Event()
        self._started_over = ""
        """The last utterance that was taken back: ids sort in speaking order."""
        self.origin = VoiceOrigin(speaker)
        """Evidence on whose voice is in the microphone. A call gives it those of the others."""
        self._detector = LanguageDetector(language, settings.detection)
        self._detectable: Callable[[], Collection[str]] | None = None
        self.overload = overload = OverloadLadder(partial(emit_load, emit, speaker), settings.limits)
        self.builder = builder = UtteranceBuilder(
            speaker,
            language,
            activity=activity or settings.activity(),
            endpointing=settings.endpointing,
            least_voice_ms=settings.passes.least_voice_ms,
            suppressor=settings.suppression() if settings.suppression is not None else None,
            now=now,
        )
        self.machine = Machine(settings.passes, overload, self.origin)
        self.recognition = RecognitionLoop(
            self.machine, stages.stt, timeout_s=settings.passes.timeout_s, now=now, timings=stages.timings
        )
        progress = self._progress.set
        self.audience = Audience(speaker, stages=stages, listeners=audience, emit=emit, progress=progress, now=now)
        self._engine_failed = partial(emit_failure, emit, speaker, overload, now)
        self.delivery = Delivery(
            speaker,
            stages=stages,
            pace=settings.pace,
            emit=emit,
            failed=self._engine_failed,
            silent=lambda: overload.silent,
            voiced_at=lambda: builder.voiced_at,
            now=now,
        )

    def __repr__(self) -> str:
        return f"<Interpreter {self.speaker} {self.language} {self.machine} level={self.overload.level}>"

    # frame rate: plain calls

    @property
    def language(self) -> str:
        """Language of the speaker. A new one holds from the next utterance on."""
        return self.builder.language

    @language.setter
    def language(self, language: str) -> None:
        self.builder.language = language
        if not same(language, self._detector.language):
            self._detector.set(language)

    def detect(self, languages: Callable[[], Collection[str]] | None) -> None:
        """Judge from final text which of `languages` (primary subtags) the speaker speaks; None stops it.

        `LanguageDetected` is emitted once it is another than the one that is set.
        """
        self._detectable = languages
        self._detector.set(self.language)

    def hear(self, frame: Frame) -> None:
        """Process the next frame of the speaker's microphone, in media order."""
        self.origin.levels.hear(frame)
        if self.builder.current is None and not self._hears(self.language):
            return  # nobody here recognises the language: its speaker types
        if changes := self.builder.hear(frame):
            self._follow(changes)
        if self.builder.current is not None:
            self.origin.voiced_ms = self.builder.current.end_ms
        if self.machine.pending and self.machine.interim_due(self._now()):
            self.recognition.wake()

    def tick(self, now: float) -> None:
        """Follow the clock, every 20 ms or so: an utterance ends when its frames have stopped coming."""
        self.overload.troubled(self.audience.trouble())
        self.overload.tick(now, self.machine.lag_s(now), self._stt.waiting)
        self.builder.set_crowded(self.overload.crowded)
        if changes := self.builder.tick(now):
            self._follow(changes)

    def end_utterance(self) -> None:
        """End the utterance that is being said, once its voice has come: push-to-talk was released."""
        self._follow(self.builder.release())

    def start_over(self) -> None:
        """Take back the utterance that is being said, or else the last one on its way to be heard; typed text stays.

        An utterance that may be a noise is taken back together with the one before it. A segment that a listener hears
        already plays to its end. A second request takes back nothing before it.
        """
        spoken = self.machine.last_spoken(self.audience.last_spoken())
        taken_back = [one for one in spoken if one.id > self._started_over]
        if not taken_back:
            return
        self._started_over = taken_back[0].id
        for utterance in taken_back:
            self.machine.start_over(utterance, self._now())
            self.audience.take_back(utterance)
        if taken_back[0] is self.builder.current:
            self._follow(self.builder.take_back())
        self.recognition.wake()
        self._progress.set()

    def say(self, text: str, at_ms: int, client_id: str | None = None) -> bool:
        """Interpret a typed text. Returns False, and does nothing, where too many utterances wait."""
        if len(self.machine.pending) >= self._settings.most_waiting:
            return False
        utterance = self.builder.typed(text, at_ms, client_id)
        self._follow([Began(utterance, self._now()), Ended(utterance, enough_voice=True)])
        return True

    def overhear(self, event: Event) -> None:
        """Note an event of another speaker, whom this microphone may hear, as it may hear their interpreter."""
        self.origin.overhear(event, self._now())

    def hears_a_partner(self) -> bool:
        """Return True if no voice of the utterance under way is the speaker's: it sounds like a partner's so far."""
        current = self.builder.current
        if current is None or not current.voice_ms:
            return current is not None  # a partner's voice is cut from the window
        return self.origin.is_a_partners(current.voice_ms)

    def _follow(self, changes: Sequence[Change]) -> None:
        """Lead what the builder has noticed to the machine."""
        for change in changes:
            match change:
                case Voiced():
                    self.machine.voice()
                case Silent(stage):
                    patience = self.machine.silent(stage)
                    if patience is not None and self.builder.current is not None:
                        self.builder.wait(self.builder.current, patience)
                    self.recognition.wake()
                case Began(utterance, onset_at):
                    candidates = self._candidates() if utterance.text is None else ()
                    self.machine.begin(utterance, candidates, self._now(), onset_at)
                    self._emit(UtteranceStarted(utterance.id, self.speaker))
                case Ended(utterance, enough_voice):
                    given_up = len(self.machine.pending) > self._settings.most_waiting
                    self.machine.end(utterance, self._now(), enough_voice=enough_voice, given_up=given_up)
                    self.recognition.wake()
                    self._progress.set()

    def _candidates(self) -> tuple[str, ...]:
        """Return the languages to choose from. One is no choice: recognition is spared the question then."""
        if self._detectable is None:
            return ()
        possible = {primary(self.language), *self._detectable()}
        return tuple(sorted(possible)) if len(possible) > 1 else ()

    # sentence rate

    async def run(self) -> None:
        """Recognise, translate and speak until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.recognition.run(self._act, self._progress.set))
            self.delivery.start(group)

    def detach(self) -> None:
        """Refer to nobody any more: `run` has ended for good."""
        self._detectable = None
        self.origin.others = ()
        self.audience.detach()

    async def finish(self, patience_s: float = 0.0) -> None:
        """Hear the sentence that is being said to its end, for at most `patience_s`, and nothing after it.

        Returns when all that was said is heard or given up.
        """
        self.builder.stop()
        try:
            async with asyncio.timeout(patience_s):
                while self.builder.current is not None:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            self._follow(self.builder.end())
        await self.caught_up()

    async def caught_up(self) -> None:
        """Return when all that has ended is heard or given up, and no engine works for this speaker."""
        while self.recognition.behind or self.audience.awaited:
            self._progress.clear()
            await self._progress.wait()

    async def _act(self, action: Action) -> None:
        """Do what recognition asks for."""
        match action:
            case Work(utterance):
                self.audience.work(utterance)
            case Show():
                self._emit(transcribed(self.speaker, action))
            case Finalize():
                await self._deliver(action)
            case Expect():
                self._expect(action)
            case Wait():
                self.builder.wait(action.utterance, action.patience)
            case Progress():
                self.builder.finalized(action.until_media_ms)
            case Fail(utterance, error):
                self._engine_failed(EngineStage.STT, utterance.id, error)
            case Conclude():
                self._conclude(action)

    async def _deliver(self, final: Finalize) -> None:
        """Hand segments to all who listen; waits while there is no room for them."""
        flows = self.audience.rendering(final.utterance, len(final.segments))
        for flow in flows:
            for part in final.segments:
                flow.expect(part)
        for part in final.segments:
            for flow in flows:
                await self.delivery.put(flow, part, final.voiced_at, final.continues)
            self.delivery.said(part.text)

    def _expect(self, expected: Expect) -> None:
        if expected.text is None:
            self.delivery.expect_no_more()
            return
        for target, listeners in self.audience.targets().items():
            if self.audience.renders(expected.utterance.language, target):
                with self._timings.naming(expected.utterance.id):
                    self.delivery.expect(expected, target, listeners)

    def _conclude(self, end: Conclude) -> None:
        utterance, now = end.utterance, self._now()
        targets = self.audience.conclude(end)
        with self._timings.naming(utterance.id):
            timing = UtteranceTimed(end.onset_at, utterance.voiced_at, end.decided_at, end.recognised, targets)
            self._timings.tell(current(), timing)
        if self._detectable is not None and same(utterance.language, self.language):
            changed = self._detector.judge(end.spoken, end.spoken_ms, end.candidates)
            if changed is not None:
                self._emit(LanguageDetected(self.speaker, changed))
        if utterance.text is None and (end.failure is None or not end.failure.failed):
            self.overload.concluded(now - end.ended_at, now)
