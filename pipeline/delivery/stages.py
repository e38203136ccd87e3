"""Settled segments into speech: translated, spoken, in order, and ahead of time where that can be known.

Two small loops side by side over bounded queues, so that a slow stage makes the one before it wait. What looks
like a clause before it is settled is translated and synthesized on the quiet: if it is settled unchanged, its
speech is there already; if not, nobody hears of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.delivery.listener import Listener
from pipeline.delivery.utterance_delivery import UtteranceDelivery
from pipeline.engines import EngineError
from pipeline.events import Event, Speculated, Translated
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.queue import Priority
from pipeline.speech import Segment, Speech, Synthesize, Translate, Translation
from pipeline.text.segmenter import chunks

_LOOK_S, _NEARLY_MS = 0.05, 300.0
CONTEXT = 2
"""Segments said just before, for a translator that can use them."""


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How speech keeps up with the speaker. Milliseconds of backlog are of what waits at an ear."""

    mt_timeout: float = 5.0
    tts_timeout: float = 5.0
    queue: int = 4
    hurry_ms: float = 500
    """From this backlog on speech is synthesized faster, up to `fastest` at `hasty_ms`."""
    hasty_ms: float = 2_000
    fastest: float = 1.25
    skip_ms: float = 5_000
    """What would be heard so long after it was said is not spoken at all."""
    patient_skip_ms: float = 15_000
    """The same for typed lines, since who types has no voice that goes on, and for what was settled together with
    what is being spoken, while its speaker says no more: nobody is behind if one breath takes long to translate."""

    def rate(self, backlog_ms: float) -> float:
        """The factor on the voice's tempo."""
        excess = (backlog_ms - self.hurry_ms) / max(1.0, self.hasty_ms - self.hurry_ms)
        return 1.0 + (self.fastest - 1.0) * min(1.0, max(0.0, excess))


@dataclass(frozen=True, slots=True)
class SegmentInFlight:
    """A segment on its way to one language, settled in a `breath` whose last voiced frame came then."""

    flow: UtteranceDelivery
    segment: Segment
    breath: float
    context: tuple[str, ...] = ()

    @property
    def voiced_at(self) -> float:
        """When the segment's own last word was heard."""
        return self.breath - self.segment.before_ms / 1000


@dataclass(slots=True, eq=False)
class _Ahead:
    """One clause made ready before it is settled."""

    phrase: Translate
    line: Synthesize
    """How its speech is to sound; its text comes with the translation."""
    speak: bool
    urgency: Priority = field(default_factory=Priority)
    task: asyncio.Task[None] | None = None
    translation: Translation | None = None
    translation_ms: float = 0.0
    speech: Speech | None = None
    speech_ms: float = 0.0


class Delivery:
    """The later half of one speaker's interpreter: it works once it was started."""

    def __init__(
        self,
        speaker: str,
        *,
        stages: EngineSet,
        pace: DeliveryOptions,
        tell: Callable[[Event], None],
        failed: Callable[[str, str, EngineError], None],
        silent: Callable[[], bool],
        voiced_at: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        """`failed(stage, utterance, error)` is told of engines; `silent()` says that nothing is spoken for now,
        `voiced_at()` when the speaker was last heard."""
        self._speaker = speaker
        self._stages = stages
        self._pace = pace
        self._tell = tell
        self._failed = failed
        self._silent = silent
        self._voiced_at = voiced_at
        self._breaths: dict[str, float] = {}
        """That of what was spoken last, by language."""
        self._now = now
        self._translating: asyncio.Queue[SegmentInFlight] = asyncio.Queue(pace.queue)
        self._speaking: asyncio.Queue[tuple[SegmentInFlight, str, _Ahead | None]] = asyncio.Queue(pace.queue)
        self._ahead: dict[str, _Ahead] = {}
        self._said: deque[str] = deque(maxlen=CONTEXT)
        self._group: asyncio.TaskGroup | None = None

    def start(self, group: asyncio.TaskGroup) -> None:
        """Translate and speak in tasks of this group, until it is cancelled."""
        self._group = group
        group.create_task(self._translate_loop())
        group.create_task(self._speak_loop())

    async def put(self, flow: UtteranceDelivery, segment: Segment, breath: float) -> None:
        """A settled segment, and when the last was heard of what was settled with it; waits while the line is full."""
        await self._translating.put(SegmentInFlight(flow, segment, breath, tuple(self._said)))

    def said(self, text: str) -> None:
        """A segment was settled: context for the next."""
        self._said.append(text.strip())

    def expect(self, text: str, source: str, target: str, ears: Sequence[Listener]) -> None:
        """`text` may soon be settled as a segment: begin to make it ready, instead of what was expected before."""
        before = self._ahead.get(target)
        phrase = Translate(text, source, target, tuple(self._said))
        if self._group is None or (before is not None and before.phrase == phrase):
            return
        if self._translating.qsize() or self._speaking.qsize():
            return  # the engines have settled work to do
        self._miss(target)
        backlog = _backlog(ears)
        speak = self._stages.speaks(target) and backlog <= self._pace.skip_ms and not self._silent()
        ahead = _Ahead(phrase, Synthesize("", target, _voice(ears), self._pace.rate(backlog)), speak)
        self._ahead[target] = ahead
        ahead.task = self._group.create_task(self._prepare(ahead))

    def forget(self) -> None:
        """What was expected has not come."""
        for target in list(self._ahead):
            self._miss(target)

    def _miss(self, target: str) -> None:
        ahead = self._ahead.pop(target, None)
        if ahead is not None:
            if ahead.task is not None:
                ahead.task.cancel()
            self._tell(Speculated(self._speaker, target, hit=False))

    async def _prepare(self, ahead: _Ahead) -> None:
        """Translation, then the first chunk of its speech: in an interim's place until the clause is settled, and no
        trouble is told."""
        phrase, began = ahead.phrase, self._now()
        try:
            ahead.translation = await self._stages.mt.do(phrase, timeout=self._pace.mt_timeout, urgent=ahead.urgency)
            ahead.translation_ms = (self._now() - began) * 1000
            if ahead.speak and ahead.translation.text.strip():
                began = self._now()
                line = replace(ahead.line, text=chunks(ahead.translation.text, phrase.target)[0])
                ahead.speech = await self._stages.tts.do(line, timeout=self._pace.tts_timeout, urgent=ahead.urgency)
                ahead.speech_ms = (self._now() - began) * 1000
        except EngineError:
            return  # it was a courtesy; the segment itself will tell of a failure

    async def _translate_loop(self) -> None:
        while True:
            settled = await self._translating.get()
            flow, utterance = settled.flow, settled.flow.utterance
            phrase = Translate(settled.segment.text.strip(), utterance.language, flow.target, settled.context)
            ahead = await self._promoted(phrase)
            began = self._now()
            if ahead is not None and ahead.translation is not None:
                translation, took_ms = ahead.translation, ahead.translation_ms
            else:
                try:
                    translation = await self._stages.mt.do(phrase, timeout=self._pace.mt_timeout, urgent=True)
                except EngineError as error:
                    self._failed("mt", utterance.id, error)
                    flow.fail(settled.segment, "mt")
                    continue
                took_ms = (self._now() - began) * 1000
            flow.translated(took_ms)
            self._tell(
                Translated(
                    utterance.id,
                    utterance.speaker,
                    flow.names,
                    settled.segment,
                    0,
                    True,
                    translation.text,
                    utterance.language,
                    flow.target,
                    settled.voiced_at,
                )
            )
            await self._speaking.put((settled, translation.text, ahead))

    async def _promoted(self, phrase: Translate) -> _Ahead | None:
        """What was made ready for just this segment, once its translation is there."""
        ahead = self._ahead.get(phrase.target)
        if ahead is None:
            return None
        if (ahead.phrase.text, ahead.phrase.source) != (phrase.text, phrase.source):
            self._miss(phrase.target)
            return None
        del self._ahead[phrase.target]
        ahead.urgency.rise()
        if ahead.task is not None and ahead.translation is None:
            await asyncio.wait({ahead.task})
        self._tell(Speculated(self._speaker, phrase.target, hit=ahead.translation is not None))
        return ahead

    async def _speak_loop(self) -> None:
        while True:
            settled, text, ahead = await self._speaking.get()
            await self._speak(settled, text, ahead)

    async def _speak(self, settled: SegmentInFlight, text: str, ahead: _Ahead | None) -> None:
        flow, segment = settled.flow, settled.segment
        while self._holds(settled):  # noqa: ASYNC110 - no event tells of an ear that empties, of silence that goes on
            await asyncio.sleep(_LOOK_S)
        reason = self._silence(settled, text)
        if reason is not None:
            flow.skipped(segment, reason)
            return
        pieces = chunks(text, flow.target)
        voice = _voice(flow.listeners)
        for n, piece in enumerate(pieces):
            if not flow.wanted(segment):
                flow.skipped(segment, "interrupted")
                return
            line = Synthesize(piece, flow.target, voice, self._pace.rate(_backlog(flow.listeners)))
            began = self._now()
            if n == 0 and ahead is not None and ahead.task is not None and _alike(ahead.line, line):
                await asyncio.wait({ahead.task})
                speech, took_ms = ahead.speech, ahead.speech_ms
            else:
                speech, took_ms = None, 0.0
            if speech is None:
                try:
                    speech = await self._stages.tts.do(line, timeout=self._pace.tts_timeout, urgent=True)
                except EngineError as error:
                    self._failed("tts", flow.utterance.id, error)
                    flow.skipped(segment, "tts")  # what is queued of it is heard, and ends
                    return
                took_ms = (self._now() - began) * 1000
            if speech.pcm:
                flow.play(segment, speech, took_ms, last=n == len(pieces) - 1)
            elif n == len(pieces) - 1:
                flow.skipped(segment, "nothing_to_say")

    def _holds(self, settled: SegmentInFlight) -> bool:
        """Whether it is late, but settled in one breath with what is being spoken: it waits for its turn, since only
        then it is known whether the speaker has gone on meanwhile."""
        backlog = _backlog(settled.flow.listeners)
        late = self._pace.skip_ms < self._lag_ms(settled) <= self._pace.patient_skip_ms
        return late and backlog > _NEARLY_MS and self._one_breath(settled) and not self._silent()

    def _one_breath(self, settled: SegmentInFlight) -> bool:
        return self._breaths.get(settled.flow.target) == settled.breath == self._voiced_at()

    def _lag_ms(self, settled: SegmentInFlight) -> float:
        """When it would be heard, from when it was said."""
        return (self._now() - settled.voiced_at) * 1000 + _backlog(settled.flow.listeners)

    def _silence(self, settled: SegmentInFlight, text: str) -> str | None:
        """Why a segment is not to be spoken, or None."""
        flow = settled.flow
        if not self._stages.speaks(flow.target):
            return "no_voice"
        if not text.strip():
            return "nothing_to_say"
        typed = flow.utterance.text is not None
        if self._silent() and not typed:
            return "behind"
        patient = typed or self._one_breath(settled)
        if self._lag_ms(settled) > (self._pace.patient_skip_ms if patient else self._pace.skip_ms):
            return "behind"
        self._breaths[flow.target] = settled.breath
        return None


def _backlog(ears: Sequence[Listener]) -> float:
    return max((ear.backlog_ms for ear in ears), default=0.0)


def _voice(ears: Sequence[Listener]) -> str:
    return ears[0].voice if ears else ""


def _alike(ready: Synthesize, wanted: Synthesize) -> bool:
    """Whether speech that is ready sounds as it is wanted; nobody hears a twentieth of tempo."""
    return ready.voice == wanted.voice and abs(ready.rate - wanted.rate) < 0.05
