"""An utterance while it lives: audio that grows from the speaker, and the flows of it to each language."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from pipeline.events import Event, Latency, Outcome, ProcessingEnded, SpeechPlayed, UtteranceEnded
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame, Segment, Speech

PRE_ROLL_MS = 300
_SILENCE = bytes(FRAME_BYTES)
_MAX_FILL_FRAMES = 50


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


@dataclass(slots=True)
class PreRoll:
    """The last moments before an onset, so that its first sounds are kept."""

    _frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=(PRE_ROLL_MS + 120) // FRAME_MS))

    def add(self, frame: Frame) -> None:
        self._frames.append(frame)

    def take(self, onset_ms: int) -> list[Frame]:
        """The frames just before media time `onset_ms`; where few were sent (DTX), the last may be long ago."""
        oldest = onset_ms - FRAME_MS * (self._frames.maxlen or 0)
        frames = [frame for frame in self._frames if frame.start_ms >= oldest]
        self._frames.clear()
        return frames


@dataclass(slots=True)
class Utterance:
    """One speaker's speech between pauses, or a line they typed (`text` is set then, and there is no audio)."""

    id: str
    speaker: str
    language: str
    start_ms: int
    voiced_at: float
    text: str | None = None
    client_id: str | None = None
    audio: bytearray = field(default_factory=bytearray)
    end_ms: int = 0
    ended_at: float | None = None
    heard: bool = True
    """False when it was over before there was voice enough to recognise."""
    given_up: bool = False
    """True when too many others waited before it: its audio is dropped."""
    revision: int = 0
    stt_ms: float | None = None
    processing: bool = False
    """Whether its processing was told to have started, and not yet to have ended."""

    def grow(self, frame: Frame) -> None:
        """Append a frame; lost or unsent time before it becomes silence of the same length."""
        expected = self.start_ms + len(self.audio) // 2 * 1000 // SAMPLE_RATE
        missing = (frame.start_ms - expected) // FRAME_MS
        if missing > 0:
            self.audio += _SILENCE * min(missing, _MAX_FILL_FRAMES)
        self.audio += frame.pcm or _SILENCE

    @property
    def seconds(self) -> float:
        return len(self.audio) / 2 / SAMPLE_RATE


@dataclass(slots=True, eq=False)
class Flow:
    """One utterance on its way into one target language. Tells `UtteranceEnded` once, when all is heard."""

    utterance: Utterance
    target: str
    listeners: Sequence[Listener]
    tell: Callable[[Event], None]
    done: Callable[[Flow], None]
    now: Callable[[], float]
    segments: Sequence[Segment]
    latency: Latency
    ended: bool = False
    _left: int = 0
    _computing: int = 0
    _spoken: bool = False
    _translated: bool = False
    _reason: str | None = None
    _failed: bool = False

    def __post_init__(self) -> None:
        self._left = self._computing = len(self.segments)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(listener.participant for listener in self.listeners)

    def translated(self, took_ms: float) -> None:
        self._translated = True
        if self.latency.translation_ms is None:
            self.latency = replace(self.latency, translation_ms=took_ms)

    def synthesized(self, segment: Segment, speech: Speech, took_ms: float) -> None:
        """Let every listener hear it; the segment is done when all have."""
        if self.latency.tts_ms is None:
            self.latency = replace(self.latency, tts_ms=took_ms)
        self._computed()
        waiting = {listener.participant for listener in self.listeners}
        for listener in self.listeners:

            def told(state: str, who: str = listener.participant) -> None:
                self._played(segment, who, state, waiting)

            listener.play(speech, told)

    def skipped(self, segment: Segment, reason: str) -> None:
        """The segment is not spoken, to catch up or because nothing could speak it; subtitles have it."""
        self._reason = reason
        self._computed()
        for who in self.names:
            self.tell(SpeechPlayed(self.utterance.id, self.utterance.speaker, who, segment.index, "skipped", reason))
        self.segment_done()

    def fail(self, reason: str) -> None:
        """One segment could not be translated."""
        self._failed = True
        self._reason = reason
        self._computed()
        self.segment_done()

    def segment_done(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.end(self._outcome())

    def end(self, outcome: Outcome, reason: str | None = None) -> None:
        """Tell the end; later calls do nothing."""
        if self.ended:
            return
        self.ended = True
        self._end_processing()
        utterance = self.utterance
        reason = reason or (self._reason if outcome is not Outcome.SPOKEN else None)
        self.tell(
            UtteranceEnded(utterance.id, utterance.speaker, self.target, self.names, outcome, self.latency, reason)
        )
        self.done(self)

    def _computed(self) -> None:
        """No engine works on one more segment."""
        self._computing -= 1
        if self._computing <= 0:
            self._end_processing()

    def _end_processing(self) -> None:
        if self.utterance.processing:
            self.utterance.processing = False
            self.tell(ProcessingEnded(self.utterance.id, self.utterance.speaker))

    def _outcome(self) -> Outcome:
        if self._spoken:
            return Outcome.SPOKEN
        if self._failed and not self._translated:
            return Outcome.FAILED
        return Outcome.SUBTITLES_ONLY

    def _played(self, segment: Segment, who: str, state: str, waiting: set[str]) -> None:
        if state == "start":
            self._spoken = True
            if self.latency.first_audio_ms is None:
                took = (self.now() - self.utterance.voiced_at) * 1000
                self.latency = replace(self.latency, first_audio_ms=took)
        reason = "behind" if state == "skipped" else None
        self._reason = reason or self._reason
        self.tell(SpeechPlayed(self.utterance.id, self.utterance.speaker, who, segment.index, state, reason))
        if state != "start" and who in waiting:
            waiting.discard(who)
            if not waiting:
                self.segment_done()
