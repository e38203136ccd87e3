"""One utterance on its way into one target language: segments come while it is said, and it ends once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from pipeline.delivery.listener import Listener, SegmentDelivery
from pipeline.events import Event, Latency, Outcome, SpeechPlayed, UtteranceEnded
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Segment, Speech


@dataclass(slots=True, eq=False)
class _Part:
    """A segment that is on its way, and whether an engine may still work on it."""

    accounts: Sequence[SegmentDelivery]
    computed: bool = False


@dataclass(slots=True, eq=False)
class UtteranceDelivery:
    """Tells `UtteranceEnded` once: when it was closed, and every segment is heard or given up.

    `computed` is called with each segment that no engine works on any more, `moved` when one is heard or given up,
    and at the end.
    """

    utterance: Utterance
    target: str
    listeners: Sequence[Listener]
    tell: Callable[[Event], None]
    computed: Callable[[UtteranceDelivery], None]
    moved: Callable[[UtteranceDelivery], None]
    now: Callable[[], float]
    latency: Latency = field(default_factory=Latency)
    ended: bool = False
    _parts: dict[int, _Part] = field(default_factory=dict)
    """Those that are not yet heard or given up."""
    _closed: bool = False
    _first_audio_at: float | None = None
    _spoken: bool = False
    _translated: bool = False
    _reason: str | None = None
    _failed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(listener.participant for listener in self.listeners)

    @property
    def awaited(self) -> bool:
        """Whether a segment is on its way to be heard."""
        return bool(self._parts)

    def timed(self, endpoint_ms: float, stt_ms: float | None) -> None:
        """How long the end took to decide, and recognition."""
        self.latency = replace(self.latency, endpoint_ms=endpoint_ms, stt_ms=stt_ms)

    def expect(self, segment: Segment) -> None:
        """One more segment is on its way. Who takes the word from the interpreter while it is doesn't hear it."""
        self._parts[segment.index] = _Part(
            [
                SegmentDelivery(listener, partial(self._told, segment, listener.participant))
                for listener in self.listeners
            ]
        )

    def close(self) -> None:
        """No more segments come: the utterance is over."""
        self._closed = True
        self._finish()

    def translated(self, took_ms: float) -> None:
        self._translated = True
        if self.latency.translation_ms is None:
            self.latency = replace(self.latency, translation_ms=took_ms)

    def play(self, segment: Segment, speech: Speech, took_ms: float, *, last: bool) -> None:
        """Let every listener hear one chunk of a segment; the segment is done when all have heard the last."""
        if self.latency.tts_ms is None:
            self.latency = replace(self.latency, tts_ms=took_ms)
        if last:
            self._computed(segment)
        for account in self._parts[segment.index].accounts:
            account.play(speech, last=last)
        self._look(segment)

    def wanted(self, segment: Segment) -> bool:
        """Whether anybody would hear more of it."""
        return any(account.wanted for account in self._parts[segment.index].accounts)

    def skipped(self, segment: Segment, reason: str) -> None:
        """No more of the segment is spoken, to catch up or because nothing could speak it; subtitles have it."""
        self._computed(segment)
        for account in self._parts[segment.index].accounts:
            account.skip(reason)
        self._look(segment)

    def fail(self, segment: Segment, reason: str) -> None:
        """It could not be translated."""
        self._failed = True
        self._reason = reason
        self._computed(segment)
        self._done(segment)

    def end(self, outcome: Outcome, reason: str | None = None) -> None:
        """Tell the end; later calls do nothing."""
        if self.ended:
            return
        self.ended = True
        utterance = self.utterance
        if self._first_audio_at is not None:
            self.latency = replace(self.latency, first_audio_ms=(self._first_audio_at - utterance.voiced_at) * 1000)
        reason = reason or (self._reason if outcome is not Outcome.SPOKEN else None)
        self.tell(
            UtteranceEnded(utterance.id, utterance.speaker, self.target, self.names, outcome, self.latency, reason)
        )
        self.moved(self)

    def forget(self) -> None:
        """What was on its way never arrives, and nothing is told of it."""
        self._parts.clear()

    def _finish(self) -> None:
        if self._closed and not self._parts:
            self.end(self._outcome())

    def _outcome(self) -> Outcome:
        if self._spoken:
            return Outcome.SPOKEN
        if self._failed and not self._translated:
            return Outcome.FAILED
        return Outcome.SUBTITLES_ONLY

    def _computed(self, segment: Segment) -> None:
        self._parts[segment.index].computed = True
        self.computed(self)

    def _told(self, segment: Segment, who: str, state: str, reason: str | None) -> None:
        """What one listener's account of a segment tells."""
        if state == "start":
            self._spoken = True
            if self._first_audio_at is None:
                self._first_audio_at = self.now()
        self._reason = reason or self._reason
        self.tell(SpeechPlayed(self.utterance.id, self.utterance.speaker, who, segment.index, state, reason))
        self._look(segment)

    def _look(self, segment: Segment) -> None:
        """A segment is done when no engine works on it, and everybody has heard it or never will."""
        part = self._parts.get(segment.index)
        if part is not None and part.computed and all(account.over for account in part.accounts):
            self._done(segment)

    def _done(self, segment: Segment) -> None:
        del self._parts[segment.index]
        self._finish()
        if not self.ended:
            self.moved(self)
