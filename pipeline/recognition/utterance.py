"""Audio window of one utterance, with its spans of voice, and the moments before its onset. Pure."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame

PRE_ROLL_MS = 300
"""Audio kept before an onset, besides the onset's own window of 120 ms."""
INNER_GAP_MS = 100
"""Silence between voice from which on it is more than the stop of a consonant."""
BYTES_PER_MS = SAMPLE_RATE // 1000 * 2
_ONSET_MS = 120
_SILENCE = bytes(FRAME_BYTES)
_MAX_FILL_FRAMES = 125  # more than any silence within an utterance


@dataclass(slots=True)
class PreRoll:
    """The last moments before an onset, so that its first sounds are kept."""

    _frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=(PRE_ROLL_MS + _ONSET_MS) // FRAME_MS))

    def add(self, frame: Frame) -> None:
        """Keep a frame, and discard the oldest where there are enough."""
        self._frames.append(frame)

    def flush(self, onset_media_ms: int) -> list[Frame]:
        """Return the frames just before the onset, and keep none.

        Where few frames were sent (DTX), the last ones may be long ago: those are left out.
        """
        oldest = onset_media_ms - FRAME_MS * (self._frames.maxlen or 0)
        frames = [frame for frame in self._frames if frame.start_ms >= oldest]
        self._frames.clear()
        return frames


@dataclass(slots=True)
class Utterance:
    """One speaker's speech between long silences, or a text they typed (`text` is set then, and there is no audio).

    `audio` is the window that recognition hears. All speech before `window_start_media_ms` has final text.
    """

    id: str
    speaker: str
    language: str
    start_ms: int
    """Media time of the first sample, ms."""
    voiced_at: float
    """Loop time at which the last voiced frame came, s."""
    text: str | None = None
    client_id: str | None = None
    """Name that the speaker's client gave to a typed text."""
    audio: bytearray = field(default_factory=bytearray)
    """Mono s16 at `SAMPLE_RATE`."""
    window_start_media_ms: int = -1
    end_ms: int = 0
    """Media time at which the last voiced frame ends, ms."""
    voiced_ms: int = 0
    """Voice in the window whose text is not final."""
    voice_ms: list[tuple[int, int]] = field(default_factory=list)
    """Spans of voice in the window, as (start, end) in media time, ms."""

    def __post_init__(self) -> None:
        if self.window_start_media_ms < 0:
            self.window_start_media_ms = self.start_ms

    def grow(self, frame: Frame) -> None:
        """Append a frame; lost or unsent time before it becomes silence of the same length."""
        missing = (frame.start_ms - self.window_start_media_ms - len(self.audio) // BYTES_PER_MS) // FRAME_MS
        if missing > 0:
            self.audio += _SILENCE * min(missing, _MAX_FILL_FRAMES)
        self.audio += frame.pcm or _SILENCE

    def voice(self, frame: Frame, now: float) -> None:
        """Note that the frame is voiced."""
        self.voiced_at = now
        self.voiced_ms += FRAME_MS
        self.end_ms = frame.start_ms + FRAME_MS
        joined = bool(self.voice_ms) and frame.start_ms <= self.voice_ms[-1][1] + FRAME_MS
        since = self.voice_ms.pop()[0] if joined else frame.start_ms
        self.voice_ms.append((since, self.end_ms))

    def open(self, frames: list[Frame], voiced_ms: int, now: float) -> None:
        """Begin with these frames; the last of them is voiced, and completes `voiced_ms` of voice."""
        for frame in frames:
            self.grow(frame)
        self.voice(frames[-1], now)
        self.voiced_ms = voiced_ms

    def finalize(self) -> None:
        """Note that all voice so far has final text, though its audio stays in the window."""
        self.voiced_ms = 0

    def discard_audio(self, until_ms: int) -> None:
        """Cut the window's first `until_ms`: recognition hears them no more."""
        count = min(len(self.audio), max(0, until_ms) * BYTES_PER_MS)
        del self.audio[:count]
        self.window_start_media_ms += count // BYTES_PER_MS
        self.voice_ms = [span for span in self.voice_ms if span[1] > self.window_start_media_ms]
        self.voiced_ms = min(self.voiced_ms, max(0, self.voice_end_ms))

    def voice_from(self, start_ms: int) -> tuple[tuple[int, int], ...]:
        """Return the spans of voice behind `start_ms` of the window, in ms from there."""
        zero = self.window_start_media_ms + start_ms
        return tuple((max(0, since - zero), until - zero) for since, until in self.voice_ms if until > zero)

    def inner_gap_from(self, start_ms: int) -> tuple[int, int] | None:
        """Return the first inner gap that ends behind `start_ms` of the window, as (start, end) in it, ms."""
        spans = self.voice_from(0)
        gaps = ((until, since) for (_, until), (since, _) in itertools.pairwise(spans))
        return next((gap for gap in gaps if gap[1] >= start_ms and gap[1] - gap[0] >= INNER_GAP_MS), None)

    @property
    def voice_end_ms(self) -> int:
        """Place in the window at which the last voiced frame ends, ms."""
        return self.end_ms - self.window_start_media_ms

    @property
    def edge_media_ms(self) -> int:
        """Media time at which the window ends, ms."""
        return self.window_start_media_ms + self.window_length_ms

    @property
    def window_length_ms(self) -> int:
        """Length of the window, ms."""
        return len(self.audio) // BYTES_PER_MS

    @property
    def seconds(self) -> float:
        """Length of the window, s."""
        return len(self.audio) / 2 / SAMPLE_RATE
