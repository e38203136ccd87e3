"""One utterance on its way into one target language: segments come while it is said, and it ends once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from pipeline.events import Event, Latency, Outcome, SpeechPlayed, UtteranceEnded
from pipeline.speech import Segment, Speech
from pipeline.utterance import Utterance


class Listener(Protocol):
    """The pipeline's only view of the far side: one who hears what is synthesized."""

    participant: str
    language: str
    voice: str

    @property
    def backlog_ms(self) -> float:
        """How much is queued for this ear."""
        ...

    def play(self, speech: Speech, told: Callable[[str], None]) -> None:
        """Queue speech; `told` is called with `start`, then `end`, or with `skipped` alone."""
        ...


@dataclass(slots=True, eq=False)
class Flow:
    """Tells `UtteranceEnded` once: when it was closed, and every segment is heard or given up.

    `computed` is called with each segment that no engine works on any more, `moved` when one is heard or given up,
    and at the end.
    """

    utterance: Utterance
    target: str
    listeners: Sequence[Listener]
    tell: Callable[[Event], None]
    computed: Callable[[Flow], None]
    moved: Callable[[Flow], None]
    now: Callable[[], float]
    latency: Latency = field(default_factory=Latency)
    ended: bool = False
    _left: int = 0
    _closed: bool = False
    _first_audio_at: float | None = None
    _spoken: bool = False
    _translated: bool = False
    _reason: str | None = None
    _failed: bool = False
    _begun: set[tuple[str, int]] = field(default_factory=set)
    """Of which segments who has heard the beginning."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(listener.participant for listener in self.listeners)

    @property
    def awaited(self) -> bool:
        """Whether a segment is on its way to be heard."""
        return self._left > 0

    def timed(self, endpoint_ms: float, stt_ms: float | None) -> None:
        """How long the end took to decide, and recognition."""
        self.latency = replace(self.latency, endpoint_ms=endpoint_ms, stt_ms=stt_ms)

    def expect(self) -> None:
        """One more segment is on its way."""
        self._left += 1

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
            self.computed(self)
        waiting = {listener.participant for listener in self.listeners}
        for listener in self.listeners:

            def told(state: str, who: str = listener.participant) -> None:
                self._played(segment, who, state, waiting, last)

            listener.play(speech, told)

    def skipped(self, segment: Segment, reason: str) -> None:
        """The segment is not spoken, to catch up or because nothing could speak it; subtitles have it."""
        self._reason = reason
        self.computed(self)
        for who in self.names:
            self.tell(SpeechPlayed(self.utterance.id, self.utterance.speaker, who, segment.index, "skipped", reason))
        self.segment_done()

    def fail(self, reason: str) -> None:
        """One segment could not be translated."""
        self._failed = True
        self._reason = reason
        self.computed(self)
        self.segment_done()

    def segment_done(self) -> None:
        self._left -= 1
        self._finish()
        if not self.ended:
            self.moved(self)

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

    def _finish(self) -> None:
        if self._closed and self._left <= 0:
            self.end(self._outcome())

    def _outcome(self) -> Outcome:
        if self._spoken:
            return Outcome.SPOKEN
        if self._failed and not self._translated:
            return Outcome.FAILED
        return Outcome.SUBTITLES_ONLY

    def _played(self, segment: Segment, who: str, state: str, waiting: set[str], last: bool) -> None:
        """What a loudspeaker tells of a chunk; of a segment, its first start and its last end are told."""
        over = state != "start"
        begun = (who, segment.index) in self._begun
        if not over:
            self._spoken = True
            self._begun.add((who, segment.index))
            if self._first_audio_at is None:
                self._first_audio_at = self.now()
        if last if over else not begun:
            # A segment of which something was heard ends; only one of which nothing was is skipped.
            told = "end" if begun else state
            reason = "behind" if told == "skipped" else None
            self._reason = reason or self._reason
            self.tell(SpeechPlayed(self.utterance.id, self.utterance.speaker, who, segment.index, told, reason))
        if over and last and who in waiting:
            waiting.discard(who)
            if not waiting:
                self.segment_done()
