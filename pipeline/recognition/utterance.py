"""An utterance while it lives: a window of audio that grows from the speaker, and what was made of it so far."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

from pipeline.hearing.endpointer import Edge
from pipeline.recognition.stable_text import StableText
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame, Transcript

PRE_ROLL_MS = 300
_BREATH_MS = 100
_SILENCE = bytes(FRAME_BYTES)
_MAX_FILL_FRAMES = 125  # more than any silence within an utterance


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


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """What a pause seemed to end: `heard` is the window up to `until_ms` in it. Whether it was the end shows later;
    where it is `settled` already, whether what follows is a sentence of its own."""

    heard: Transcript
    until_ms: int
    voiced_at: float
    settled: bool = False
    breath: bool = False
    """Whether it was no more than a breath: what follows must be certain then to make it an end."""


@dataclass(slots=True)
class Utterance:
    """One speaker's speech between pauses, or a line they typed (`text` is set then, and there is no audio).

    `audio` is the window that recognition hears: from `window_ms` (media time), where all before is settled.
    `…_at` are seconds of the clock: `voiced_at` when the last voiced frame came.
    """

    id: str
    speaker: str
    language: str
    start_ms: int
    voiced_at: float
    text: str | None = None
    client_id: str | None = None
    audio: bytearray = field(default_factory=bytearray)
    window_ms: int = -1
    end_ms: int = 0
    voiced_ms: int = 0
    """Voice in the window."""
    voice_ms: list[tuple[int, int]] = field(default_factory=list)
    """Its spans, in media time."""
    silence: Edge | None = None
    """How far the present silence has come: None while there is voice."""
    ended_at: float | None = None
    heard: bool = True
    """False when it was over before there was voice enough to recognise."""
    given_up: bool = False
    """True when too many others waited before it: its audio is dropped."""
    processing: bool = False
    """Whether its processing was told to have started, and not yet to have ended."""
    revision: int = 0
    confidence: float = 1.0
    """Of the last pass."""
    stt_ms: float | None = None
    settled_at: float | None = None
    """When a pause was taken for the end of all that was said."""
    shown: tuple[str, int] | None = None
    """The text and the length of its settled part, as they were told last."""
    candidates: tuple[str, ...] = ()
    """Languages that it may be in: empty where that is not asked."""
    spoken: tuple[tuple[str, float], ...] = ()
    """How likely it is in each, by the pass that heard most voice: `spoken_ms`."""
    spoken_ms: int = 0
    over: bool = False
    """Nothing more will be settled."""
    draft: StableText = field(init=False)
    sentence: SentenceCandidate | None = None

    def __post_init__(self) -> None:
        self.draft = StableText(self.language)
        if self.window_ms < 0:
            self.window_ms = self.start_ms

    def grow(self, frame: Frame) -> None:
        """Append a frame; lost or unsent time before it becomes silence of the same length."""
        expected = self.window_ms + len(self.audio) // 2 * 1000 // SAMPLE_RATE
        missing = (frame.start_ms - expected) // FRAME_MS
        if missing > 0:
            self.audio += _SILENCE * min(missing, _MAX_FILL_FRAMES)
        self.audio += frame.pcm or _SILENCE

    def voice(self, frame: Frame, now: float) -> None:
        """The frame was voiced."""
        self.voiced_at = now
        self.settled_at = None
        self.voiced_ms += FRAME_MS
        self.end_ms = frame.start_ms + FRAME_MS
        joined = bool(self.voice_ms) and frame.start_ms <= self.voice_ms[-1][1] + FRAME_MS
        since = self.voice_ms.pop()[0] if joined else frame.start_ms
        self.voice_ms.append((since, self.end_ms))
        self.silence = None

    def judged(self, spoken: tuple[tuple[str, float], ...]) -> None:
        """A pass over the window judged the language."""
        if spoken and self.voiced_ms >= self.spoken_ms:
            self.spoken, self.spoken_ms = spoken, self.voiced_ms

    def drop(self, until_ms: int) -> None:
        """The window's first `until_ms` are settled: recognition hears them no more."""
        count = min(len(self.audio), max(0, until_ms) * SAMPLE_RATE // 1000 * 2)
        del self.audio[:count]
        self.window_ms += count // 2 * 1000 // SAMPLE_RATE
        self.voice_ms = [span for span in self.voice_ms if span[1] > self.window_ms]
        self.sentence = None

    def voice_from(self, start_ms: int) -> tuple[tuple[int, int], ...]:
        """The spans of voice after this place of the window, counted from there."""
        zero = self.window_ms + start_ms
        return tuple((max(0, since - zero), until - zero) for since, until in self.voice_ms if until > zero)

    def breath_from(self, start_ms: int) -> tuple[int, int] | None:
        """The first breath that is over after this place of the window, in the window: silence between voice, longer
        than the stop of a consonant."""
        spans = self.voice_from(0)
        gaps = ((until, since) for (_, until), (since, _) in itertools.pairwise(spans))
        return next((gap for gap in gaps if gap[1] >= start_ms and gap[1] - gap[0] >= _BREATH_MS), None)

    @property
    def voice_end_ms(self) -> int:
        """Where in the window the last voiced frame ends."""
        return self.end_ms - self.window_ms

    @property
    def edge_ms(self) -> int:
        """Media time at which the window ends."""
        return self.window_ms + self.length_ms

    @property
    def length_ms(self) -> int:
        """Of the window."""
        return len(self.audio) // 2 * 1000 // SAMPLE_RATE

    @property
    def seconds(self) -> float:
        return len(self.audio) / 2 / SAMPLE_RATE
