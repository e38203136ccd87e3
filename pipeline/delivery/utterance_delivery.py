"""Delivery of one utterance into one target language: segments come while it is said, and it ends once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from pipeline.delivery.listener import Listener, SegmentDelivery
from pipeline.errors import START_OVER
from pipeline.events import (
    Event,
    Latency,
    Outcome,
    PlaybackFailed,
    PlaybackState,
    SkipReason,
    SpeechPlayed,
    UtteranceEnded,
)
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Segment, Speech
from pipeline.types import Clock


@dataclass(slots=True, eq=False)
class _Part:
    """A segment that is on its way."""

    deliveries: Sequence[SegmentDelivery]
    computed: bool = False
    """True once no engine works on it any more."""


@dataclass(slots=True, eq=False)
class UtteranceDelivery:
    """Emits `UtteranceEnded` once: when it is closed, and every segment is heard or given up."""

    utterance: Utterance
    target: str
    listeners: Sequence[Listener]
    emit: Callable[[Event], None]
    on_computed: Callable[[UtteranceDelivery], None]
    """Called for each segment that no engine works on any more."""
    on_progress: Callable[[UtteranceDelivery], None]
    """Called when a segment is heard or given up, and at the end."""
    now: Clock
    latency: Latency = field(default_factory=Latency)
    ended: bool = False
    taken_back: bool = False
    """True once its speaker took it back: nothing more of it begins to be heard."""
    _parts: dict[int, _Part] = field(default_factory=dict)
    """Segments that are not yet heard or given up, by index."""
    _closed: bool = False
    _first_audio_at: float | None = None
    _spoken: bool = False
    _translated: bool = False
    _reason: str | None = None
    _failed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The participants who listen."""
        return tuple(listener.participant for listener in self.listeners)

    @property
    def awaited(self) -> bool:
        """True if a segment is on its way to be heard."""
        return bool(self._parts)

    def timed(self, endpoint_ms: float, stt_ms: float | None) -> None:
        """Note the time that it took to decide the end, and that of recognition."""
        self.latency = replace(self.latency, endpoint_ms=endpoint_ms, stt_ms=stt_ms)

    def expect(self, segment: Segment) -> None:
        """Note one more segment on its way. A listener who interrupts before it plays will not hear it."""
        self._parts[segment.index] = _Part(
            [
                SegmentDelivery(
                    listener,
                    partial(self._played, segment, listener.participant),
                    failed=partial(self._playback_failed, segment, listener.participant),
                )
                for listener in self.listeners
            ]
        )

    def close(self) -> None:
        """Note that no more segments come: the utterance is over."""
        self._closed = True
        self._end_if_done()

    def translated(self, took_ms: float, *, usable: bool = True) -> None:
        """Note that a segment was translated. `usable`: False if the answer is held back."""
        self._translated = self._translated or usable
        self._failed = self._failed or not usable
        if self.latency.translation_ms is None:
            self.latency = replace(self.latency, translation_ms=took_ms)

    def play(self, segment: Segment, speech: Speech, took_ms: float, *, last: bool) -> None:
        """Let every listener hear one chunk of a segment. The segment is done when all have heard the last."""
        if self.latency.tts_ms is None:
            self.latency = replace(self.latency, tts_ms=took_ms)
        if last:
            self._computed(segment)
        for delivery in self._parts[segment.index].deliveries:
            delivery.play(speech, last=last)
        self._end_part_if_done(segment)

    def wanted(self, segment: Segment) -> bool:
        """Return True if any listener would hear more of the segment."""
        return any(delivery.wanted for delivery in self._parts[segment.index].deliveries)

    def skipped(self, segment: Segment, reason: SkipReason) -> None:
        """Note that no more of the segment is spoken, to catch up or for want of a voice. Subtitles have it."""
        self._computed(segment)
        for delivery in self._parts[segment.index].deliveries:
            delivery.skip(reason)
        self._end_part_if_done(segment)

    def fail(self, segment: Segment, reason: str) -> None:
        """Note that the segment could not be translated."""
        self._failed = True
        self._reason = reason
        self._computed(segment)
        self._done(segment)

    def abandon(self, segment: Segment) -> None:
        """Note that a segment that was taken back is not translated. No listener gets an event for it."""
        self._computed(segment)
        self._done(segment)

    def take_back(self) -> None:
        """Let nothing more of it begin to be heard: its speaker took it back. Later calls do nothing."""
        self.taken_back = True
        for part in list(self._parts.values()):
            for delivery in part.deliveries:
                delivery.take_back()

    def end(self, outcome: Outcome, reason: str | None = None) -> None:
        """Emit the end. Later calls do nothing."""
        if self.ended:
            return
        self.ended = True
        utterance = self.utterance
        if self._first_audio_at is not None:
            self.latency = replace(self.latency, first_audio_ms=(self._first_audio_at - utterance.voiced_at) * 1000)
        reason = reason or (self._reason if outcome is not Outcome.SPOKEN else None)
        self.emit(
            UtteranceEnded(utterance.id, utterance.speaker, self.target, self.names, outcome, self.latency, reason)
        )
        self.on_progress(self)

    def detach(self) -> None:
        """Give up the segments on their way, and emit nothing of them: the call is over."""
        self._parts.clear()

    def _end_if_done(self) -> None:
        if self._closed and not self._parts:
            self.end(self._outcome(), START_OVER if self.taken_back else None)

    def _outcome(self) -> Outcome:
        if self.taken_back:
            return Outcome.REFUSED
        if self._spoken:
            return Outcome.SPOKEN
        if self._failed and not self._translated:
            return Outcome.FAILED
        return Outcome.SUBTITLES_ONLY

    def _computed(self, segment: Segment) -> None:
        self._parts[segment.index].computed = True
        self.on_computed(self)

    def _played(self, segment: Segment, listener: str, state: PlaybackState, reason: SkipReason | None) -> None:
        """Emit the report of one listener's delivery of a segment."""
        if state == PlaybackState.START:
            self._spoken = True
            if self._first_audio_at is None:
                self._first_audio_at = self.now()
        self._reason = reason or self._reason
        self.emit(SpeechPlayed(self.utterance.id, self.utterance.speaker, listener, segment.index, state, reason))
        self._end_part_if_done(segment)

    def _playback_failed(self, segment: Segment, listener: str) -> None:
        self.emit(PlaybackFailed(self.utterance.id, self.utterance.speaker, listener, segment.index))

    def _end_part_if_done(self, segment: Segment) -> None:
        """End a segment if no engine works on it, and every listener has heard it or never will."""
        part = self._parts.get(segment.index)
        if part is not None and part.computed and all(delivery.over for delivery in part.deliveries):
            self._done(segment)

    def _done(self, segment: Segment) -> None:
        del self._parts[segment.index]
        self._end_if_done()
        if not self.ended:
            self.on_progress(self)
