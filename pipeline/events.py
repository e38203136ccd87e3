"""Events of the pipeline, in the past tense: subtitles, metrics, history and logs observe them.

Times: `…_at` are seconds of the event loop's clock (only differences mean anything); `…_ms` of an utterance
count from the session's start on the speaker's media time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pipeline.speech import Segment


class Outcome(StrEnum):
    """How an utterance ended for one target language (PROTOCOL section 4, `utterance_end`)."""

    SPOKEN = "spoken"
    SUBTITLES_ONLY = "subtitles_only"
    NOT_NEEDED = "not_needed"
    NOTHING_SAID = "nothing_said"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UtteranceStarted:
    utterance: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A revision of an utterance's text. `text[:stable_length]` (code points) will never change again."""

    utterance: str
    speaker: str
    revision: int
    text: str
    stable_length: int
    final: bool
    language: str
    start_ms: int
    end_ms: int
    confidence: float
    client_id: str | None = None
    """What the speaker's client called a typed line."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A revision of one segment's translation. `voiced_at` is when the last voiced frame of the segment
    arrived, from which its latency counts."""

    utterance: str
    speaker: str
    listeners: tuple[str, ...]
    segment: Segment
    revision: int
    final: bool
    text: str
    source: str
    target: str
    voiced_at: float


@dataclass(frozen=True, slots=True)
class SpeechPlayed:
    """`state` is start, end or skipped: what a listener hears of a segment's translation, and when."""

    utterance: str
    speaker: str
    listener: str
    segment: int
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessingStarted:
    utterance: str
    speaker: str


@dataclass(frozen=True, slots=True)
class ProcessingEnded:
    utterance: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds in each stage; None where the stage did not run."""

    endpoint_ms: float | None = None
    stt_ms: float | None = None
    translation_ms: float | None = None
    tts_ms: float | None = None
    first_audio_ms: float | None = None


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """Exactly once for each utterance and target language, and the last fact about it."""

    utterance: str
    speaker: str
    target: str
    listeners: tuple[str, ...]
    outcome: Outcome
    latency: Latency = field(default_factory=Latency)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Speculated:
    """A clause was translated before it was settled: `hit` says whether it was settled as expected."""

    speaker: str
    target: str
    hit: bool


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """A stage (`stt`, `mt`, `tts`) failed on one utterance; `detail` is for the operator's log."""

    utterance: str
    speaker: str
    stage: str
    detail: str


@dataclass(frozen=True, slots=True)
class LanguageDetected:
    """Settled speech shows that the speaker speaks another language (a primary subtag) than is set. Nothing changes by
    itself: it is for whoever hears of it to set it."""

    speaker: str
    language: str


@dataclass(frozen=True, slots=True)
class LoadChanged:
    """How well the interpreter of one speaker keeps up: level is ok, busy or degraded."""

    speaker: str
    level: str
    lag_ms: float
    message: str | None = None


Event: TypeAlias = (
    UtteranceStarted
    | Transcribed
    | Translated
    | SpeechPlayed
    | ProcessingStarted
    | ProcessingEnded
    | UtteranceEnded
    | Speculated
    | EngineFailed
    | LanguageDetected
    | LoadChanged
)
