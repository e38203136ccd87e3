"""Actions that recognition asks for: the only way out of the machine. Plain, frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pipeline.errors import EngineError, Failure
from pipeline.hearing.endpointer import Patience
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Segment


@dataclass(frozen=True, slots=True)
class Work:
    """Engines begin to work on text of the utterance that will be final. At most once for each utterance."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Show:
    """Show a revision of the text."""

    utterance: Utterance
    revision: int
    text: str
    final_length: int
    """Code points at the beginning of `text` that will never change again."""
    confidence: float
    final: bool
    continues: str | None = None
    """The utterance before it, whose last sentence this one goes on."""


@dataclass(frozen=True, slots=True)
class Finalize:
    """Deliver segments that will never change. The caller waits while there is no room for them."""

    utterance: Utterance
    segments: tuple[Segment, ...]
    voiced_at: float
    """Loop time at which the last voice of them was heard, s."""
    continues: str | None = None
    """The utterance before it, whose last sentence this one goes on."""


@dataclass(frozen=True, slots=True)
class Expect:
    """Make a segment ready that may soon be final. None: expect no more."""

    utterance: Utterance
    text: str | None
    continues: str | None = None
    """The utterance before it, whose last sentence this one goes on."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let the present silence last for this long before it ends the utterance."""

    utterance: Utterance
    patience: Patience


@dataclass(frozen=True, slots=True)
class Progress:
    """All speech before this media time has final text: limits of length count from there."""

    until_media_ms: int


@dataclass(frozen=True, slots=True)
class Fail:
    """Report the failure of the recogniser on the end of an utterance."""

    utterance: Utterance
    error: EngineError


@dataclass(frozen=True, slots=True)
class Conclude:
    """End the utterance: the last of its actions, exactly once for each."""

    utterance: Utterance
    failure: Failure | None
    """The reason why there is no more text."""
    has_text: bool
    """True if any of its text is final."""
    onset_at: float
    """Loop time at which its first voiced frame came, s."""
    ended_at: float
    """Loop time at which it ended, s."""
    decided_at: float
    """Loop time at which its end was decided: at a soft end, that comes before `ended_at`. Seconds."""
    recognised: tuple[float, float] | None
    """Loop times at which the last final recognition began and ended, s. None if there was none."""
    spoken: tuple[tuple[str, float], ...]
    """Likelihood of each of `candidates`, as (primary subtag, 0..1)."""
    spoken_ms: int
    """Voice from which that was judged."""
    candidates: tuple[str, ...]

    @property
    def stt_ms(self) -> float | None:
        """Time that the last final recognition took."""
        return None if self.recognised is None else (self.recognised[1] - self.recognised[0]) * 1000


Action: TypeAlias = Work | Show | Finalize | Expect | Wait | Progress | Fail | Conclude
