"""Stages of delivery: translate and speak final segments in order, and skip speech that is late.

The two stages are small loops side by side over bounded queues, so that a slow one makes the one before it wait.
Clauses that may soon be final are prepared ahead of time (`speculation`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.context import bound
from pipeline.delivery.listener import Listener
from pipeline.delivery.open_sentences import OpenSentence, OpenSentences
from pipeline.delivery.options import DeliveryOptions as DeliveryOptions
from pipeline.delivery.speculation import PreparedClause, Speculation
from pipeline.delivery.translation import translated
from pipeline.delivery.utterance_delivery import UtteranceDelivery
from pipeline.errors import EngineError
from pipeline.events import EngineStage, SkipReason, Translated
from pipeline.lanes.engine_set import EngineSet
from pipeline.recognition.actions import Expect
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Segment, Synthesize, Translate
from pipeline.text.segmenter import chunks
from pipeline.text.speaking_time import longest_s
from pipeline.text.translation_checks.verdict import Verdict
from pipeline.text.untouched import read_aloud
from pipeline.timings import StepName, TimedStep
from pipeline.types import Clock, Emit

_LOOK_S, _NEARLY_MS = 0.05, 300.0
CONTEXT = 2
"""Segments said just before, for a translator that can use them."""


@dataclass(frozen=True, slots=True)
class SegmentInFlight:
    """A segment on its way to one language."""

    flow: UtteranceDelivery
    segment: Segment
    batch_voiced_at: float
    """Loop time, s, of the last voiced frame of the segments that became final with it."""
    context: tuple[str, ...] = ()
    """Texts of the segments before it."""
    continues: str | None = None
    """The utterance whose last sentence the segment's utterance goes on."""

    @property
    def voiced_at(self) -> float:
        """Loop time, s, of the end of the segment's own last word."""
        return self.batch_voiced_at - self.segment.before_ms / 1000


class Delivery:
    """The later half of one speaker's interpreter. It works once it is started."""

    def __init__(
        self,
        speaker: str,
        *,
        stages: EngineSet,
        pace: DeliveryOptions,
        emit: Emit,
        failed: Callable[[EngineStage, str, EngineError], None],
        silent: Callable[[], bool],
        voiced_at: Clock,
        now: Clock,
    ) -> None:
        """Deliver what `speaker` says.

        `failed(stage, utterance, error)` is called when an engine fails. `silent()` is true while nothing is to be
        spoken. `voiced_at()` returns the loop time of the speaker's last voiced frame.
        """
        self._engines = stages
        self._options = pace
        self._emit = emit
        self._failed = failed
        self._silent = silent
        self._voiced_at = voiced_at
        self._now = now
        self._spoken_batches: dict[str, float] = {}
        """`batch_voiced_at` of the segment that was spoken last, by target language."""
        self._translating: asyncio.Queue[SegmentInFlight] = asyncio.Queue(pace.queue)
        self._speaking: asyncio.Queue[tuple[SegmentInFlight, Verdict, PreparedClause | None]] = asyncio.Queue(
            pace.queue
        )
        self._speculation = Speculation(speaker, engines=stages, options=pace, emit=emit, now=now)
        self._said: deque[str] = deque(maxlen=CONTEXT)
        self._open = OpenSentences()
        self._group: asyncio.TaskGroup | None = None

    def start(self, group: asyncio.TaskGroup) -> None:
        """Translate and speak in tasks of this group, until it is cancelled."""
        self._group = group
        group.create_task(self._translate_loop())
        group.create_task(self._speak_loop())

    async def put(
        self, flow: UtteranceDelivery, segment: Segment, batch_voiced_at: float, continues: str | None
    ) -> None:
        """Queue a final segment. Waits while the queue is full. The last two are those of `SegmentInFlight`."""
        await self._translating.put(SegmentInFlight(flow, segment, batch_voiced_at, tuple(self._said), continues))

    def said(self, text: str) -> None:
        """Note the text of a final segment: context for the next."""
        self._said.append(text.strip())

    def expect(self, expected: Expect, target: str, listeners: Sequence[Listener]) -> None:
        """Begin to prepare a text, which may soon be final, in place of what was expected before."""
        utterance, text = expected.utterance, expected.text
        assert text is not None
        before = self._open.of(utterance, expected.continues, target)
        request = _request(text, utterance, target, tuple(self._said), before)
        if self._group is None or self._speculation.expects(request):
            return
        if self._translating.qsize() or self._speaking.qsize():
            return  # the engines have final segments to do
        backlog = _backlog_ms(listeners)
        speak = self._engines.speaks(target) and backlog <= self._options.skip_ms and not self._silent()
        sound = Synthesize("", target, _voice(listeners), self._options.rate(backlog))
        self._speculation.expect(request, sound, speak, self._group)

    @property
    def speculating(self) -> bool:
        """True while a clause is expected that is not final yet."""
        return self._speculation.expecting

    def expect_no_more(self) -> None:
        """Give up the clauses that were expected: none of them has come."""
        self._speculation.miss_all()

    async def _translate_loop(self) -> None:
        while True:
            item = await self._translating.get()
            with bound(utterance=item.flow.utterance.id, segment=item.segment.index):
                await self._translate(item)

    async def _translate(self, item: SegmentInFlight) -> None:
        flow, utterance = item.flow, item.flow.utterance
        if flow.taken_back:
            self._abandon(item)
            return
        before = self._open.of(utterance, item.continues, flow.target)
        request = _request(item.segment.text.strip(), utterance, flow.target, item.context, before)
        prepared = await self._speculation.promoted(request)
        if prepared is not None and prepared.verdict is not None:
            verdict, took_ms = prepared.verdict, prepared.translation_ms
        else:
            step = self._step(StepName.TRANSLATION, flow)
            try:
                with step:
                    timeout = self._options.mt_timeout
                    verdict = await translated(self._engines, request, timeout=timeout, urgent=True)
            except EngineError as error:
                self._open.close(flow.target)
                self._failed(EngineStage.MT, utterance.id, error)
                flow.fail(item.segment, "mt")
                return
            took_ms = step.took_ms
        if flow.taken_back:
            self._abandon(item)
            return
        before = before if verdict.carried_on else None
        if verdict.held is None:
            self._open.note(utterance, flow.target, request.text, verdict.text, before)
        else:
            self._open.close(flow.target)
        flow.translated(took_ms, usable=verdict.held is None)
        self._emit(
            Translated(
                utterance.id,
                utterance.speaker,
                flow.names,
                item.segment,
                0,
                True,
                verdict.text,
                utterance.language,
                flow.target,
                item.voiced_at,
                held=verdict.held,
                unsure=verdict.unsure,
                continues=None if before is None else before.utterance,
            )
        )
        await self._speaking.put((item, verdict, prepared))

    def _abandon(self, item: SegmentInFlight) -> None:
        """Give up a segment whose speaker took it back: no later segment carries it on."""
        self._open.close(item.flow.target)
        item.flow.abandon(item.segment)

    async def _speak_loop(self) -> None:
        while True:
            item, verdict, prepared = await self._speaking.get()
            with bound(utterance=item.flow.utterance.id, segment=item.segment.index):
                await self._speak(item, verdict, prepared)

    async def _speak(self, item: SegmentInFlight, verdict: Verdict, prepared: PreparedClause | None) -> None:
        flow, segment, text = item.flow, item.segment, verdict.text
        if verdict.held is not None:
            flow.skipped(segment, SkipReason.HELD)
            return
        while self._holds(item):  # noqa: ASYNC110 - no event tells of a listener's queue, of silence that goes on
            await asyncio.sleep(_LOOK_S)
        reason = self._skip_reason(item, text)
        if reason is not None:
            flow.skipped(segment, reason)
            return
        pieces = chunks(read_aloud(text), flow.target)
        voice = _voice(flow.listeners)
        for n, piece in enumerate(pieces):
            if not flow.wanted(segment):
                flow.skipped(segment, SkipReason.START_OVER if flow.taken_back else SkipReason.INTERRUPTED)
                return
            request = Synthesize(piece, flow.target, voice, self._options.rate(_backlog_ms(flow.listeners)))
            speech, took_ms = None, 0.0
            if n == 0 and prepared is not None:
                speech, took_ms = await prepared.first_speech(request), prepared.speech_ms
            if speech is None:
                step = self._step(StepName.SYNTHESIS, flow)
                try:
                    with step:
                        speech = await self._engines.tts.do(request, timeout=self._options.tts_timeout, urgent=True)
                except EngineError as error:
                    self._failed(EngineStage.TTS, flow.utterance.id, error)
                    flow.skipped(segment, SkipReason.TTS)  # what is queued of it is heard, and ends
                    return
                took_ms = step.took_ms
            if speech.duration_ms > longest_s(piece, request.rate) * 1000:
                endless = EngineError("the speech is far longer than its text can be")
                self._failed(EngineStage.TTS, flow.utterance.id, endless)
                flow.skipped(segment, SkipReason.TTS)
                return
            if speech.pcm:
                flow.play(segment, speech, took_ms, last=n == len(pieces) - 1)
            elif n == len(pieces) - 1:
                flow.skipped(segment, SkipReason.NOTHING_TO_SAY)

    def _step(self, name: StepName, flow: UtteranceDelivery) -> TimedStep:
        return TimedStep(self._engines.timings, self._now, name, "", flow.target)

    def _holds(self, item: SegmentInFlight) -> bool:
        """Return True if a segment is late, but of the same batch as the one that is being spoken.

        It waits for its turn: only then it is known whether the speaker has gone on meanwhile.
        """
        backlog = _backlog_ms(item.flow.listeners)
        late = self._options.skip_ms < self._lag_ms(item) <= self._options.patient_skip_ms
        held = late and backlog > _NEARLY_MS and self._is_of_last_batch(item)
        return held and not (self._silent() or item.flow.taken_back)

    def _is_of_last_batch(self, item: SegmentInFlight) -> bool:
        """Return True if the segment spoken last is of the same batch, and the speaker has said nothing since."""
        return self._spoken_batches.get(item.flow.target) == item.batch_voiced_at == self._voiced_at()

    def _lag_ms(self, item: SegmentInFlight) -> float:
        """Return the time from when a segment was said to when it would be heard."""
        return (self._now() - item.voiced_at) * 1000 + _backlog_ms(item.flow.listeners)

    def _skip_reason(self, item: SegmentInFlight, text: str) -> SkipReason | None:
        """Return the reason why a segment is not to be spoken, or None."""
        flow = item.flow
        if flow.taken_back:
            return SkipReason.START_OVER
        if not self._engines.speaks(flow.target):
            return SkipReason.NO_VOICE
        if not read_aloud(text):
            return SkipReason.NOTHING_TO_SAY
        typed = flow.utterance.text is not None
        if self._silent() and not typed:
            return SkipReason.BEHIND
        patient = typed or self._is_of_last_batch(item)
        if self._lag_ms(item) > (self._options.patient_skip_ms if patient else self._options.skip_ms):
            return SkipReason.BEHIND
        self._spoken_batches[flow.target] = item.batch_voiced_at
        return None


def _request(
    text: str, utterance: Utterance, target: str, context: tuple[str, ...], before: OpenSentence | None
) -> Translate:
    return Translate(text, utterance.language, target, context, None if before is None else before.begun)


def _backlog_ms(listeners: Sequence[Listener]) -> float:
    return max((listener.backlog_ms for listener in listeners), default=0.0)


def _voice(listeners: Sequence[Listener]) -> str:
    return listeners[0].voice if listeners else ""
