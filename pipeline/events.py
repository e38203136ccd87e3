"""Events of the pipeline, in the past tense: subtitles, metrics, history and logs observe them.

Times: `…_at` are seconds of the event loop's clock, whose differences alone mean anything. `…_ms` of an utterance count
from the session's start on the speaker's media time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pipeline.speech import Segment
from pipeline.text.translation_checks.verdict import Doubt, HeldReason


class Outcome(StrEnum):
    """End of an utterance for one target language (docs/protocol.md section 4, `utterance_end`)."""

    SPOKEN = "spoken"
    SUBTITLES_ONLY = "subtitles_only"
    NOT_NEEDED = "not_needed"
    NOTHING_SAID = "nothing_said"
    REFUSED = "refused"
    FAILED = "failed"


class EngineStage(StrEnum):
    """Stage of the pipeline that an engine does."""

    STT = "stt"
    """Speech to text."""
    MT = "mt"
    """Text to text: translation."""
    TTS = "tts"
    """Text to speech."""


class PlaybackState(StrEnum):
    """State of a segment's speech at a listener (docs/protocol.md section 4, `speech_audio`)."""

    START = "start"
    """Its first sound was heard."""
    END = "end"
    """Its last sound was heard, or it was cut there."""
    SKIPPED = "skipped"
    """Nothing of it will be heard."""


class SkipReason(StrEnum):
    """Reason why a segment's translation is not heard."""

    BEHIND = "behind"
    """Too late: it would be heard long after it was said."""
    INTERRUPTED = "interrupted"
    """The listener began to speak."""
    NO_VOICE = "no_voice"
    """No engine speaks the language."""
    NOTHING_TO_SAY = "nothing_to_say"
    """The translation has no words."""
    HELD = "held"
    """The translator's answer is no translation. The source text is shown in its place."""
    TTS = "tts"
    """The synthesizer failed."""
    START_OVER = "start_over"
    """The speaker took it back before it began."""


@dataclass(frozen=True, slots=True)
class UtteranceStarted:
    """A speaker began to say something, or typed it."""

    utterance: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Transcribed:
    """An utterance's text has a new revision. `text[:stable_length]` (code points) will never change again."""

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
    """Name that the speaker's client gave to a typed text."""
    continues: str | None = None
    """The utterance before it, whose last sentence this one goes on."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A segment's translation has a new revision."""

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
    """Arrival of the segment's last voiced frame: its latency counts from here."""
    held: HeldReason | None = None
    """Reason why the translator's answer is held back. `text` is what was said then. None if it is a translation."""
    unsure: tuple[Doubt, ...] = ()
    """Reasons to doubt a translation that is spoken all the same."""
    continues: str | None = None
    """The utterance whose last translation this one carries on: this one's own, or the one before. None: it is new."""


@dataclass(frozen=True, slots=True)
class SpeechPlayed:
    """A listener heard the start or the end of a segment's translation, or will not hear it."""

    utterance: str
    speaker: str
    listener: str
    segment: int
    state: PlaybackState
    reason: SkipReason | None = None
    """None unless it is skipped."""


@dataclass(frozen=True, slots=True)
class PlaybackFailed:
    """An error of ours kept a listener from hearing a segment; nobody else noticed."""

    utterance: str
    speaker: str
    listener: str
    segment: int


@dataclass(frozen=True, slots=True)
class ProcessingStarted:
    """Engines began to work on final text of an utterance."""

    utterance: str
    speaker: str


@dataclass(frozen=True, slots=True)
class ProcessingEnded:
    """No engine works on an utterance that is over."""

    utterance: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds in each stage. None if the stage did not run."""

    endpoint_ms: float | None = None
    stt_ms: float | None = None
    translation_ms: float | None = None
    tts_ms: float | None = None
    first_audio_ms: float | None = None


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """An utterance ended for one target language: exactly once, and it is the last event about it."""

    utterance: str
    speaker: str
    target: str
    listeners: tuple[str, ...]
    outcome: Outcome
    latency: Latency = field(default_factory=Latency)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Speculated:
    """A clause was translated before it was final."""

    speaker: str
    target: str
    hit: bool
    """True if it became final as expected."""


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """An engine failed on one utterance."""

    utterance: str
    speaker: str
    stage: EngineStage
    detail: str
    """The reason, for the operator's log."""


@dataclass(frozen=True, slots=True)
class LanguageDetected:
    """Final text shows that the speaker speaks another language (a primary subtag) than is set.

    Nothing changes by itself: an observer may set it.
    """

    speaker: str
    language: str


@dataclass(frozen=True, slots=True)
class LoadChanged:
    """The interpreter of one speaker keeps up better or worse than before. `level` is ok, busy or degraded."""

    speaker: str
    level: str
    lag_ms: float
    message: str | None = None


Event: TypeAlias = (
    UtteranceStarted
    | Transcribed
    | Translated
    | SpeechPlayed
    | PlaybackFailed
    | ProcessingStarted
    | ProcessingEnded
    | UtteranceEnded
    | Speculated
    | EngineFailed
    | LanguageDetected
    | LoadChanged
)
