"""Utterances on their way through the recogniser, window by window: plain data of `batched`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import Segment
from numpy.typing import NDArray

from pipeline.engines.whisper.model import Features
from pipeline.engines.whisper.prompt import NO_HINTS, Hints


@dataclass(slots=True)
class Task:
    """One utterance: `audio` is mono float32 at 16 kHz. `languages`: judge which of them is spoken, too. `final`: a
    text that is doubted is worth a second opinion."""

    audio: NDArray[np.float32]
    language: str
    hints: Hints = NO_HINTS
    languages: frozenset[str] = frozenset()
    final: bool = True
    segments: list[Segment] = field(default_factory=list)
    spoken: tuple[tuple[str, float], ...] = ()
    """(language, probability) for `languages`, the likeliest first. They needn't add up to 1: it may be another."""
    doubted: bool = False
    """True if a text among `segments` is not to be believed, and no second opinion was asked."""


@dataclass(slots=True)
class Progress:
    """Position of a task. `seek` is the frame at which its next window begins."""

    task: Task
    features: Features
    tokenizer: Tokenizer
    most: int
    """Frames of a whole window."""
    seek: int = 0
    spoken_until: float = 0.0

    @property
    def content(self) -> int:
        return int(self.features.shape[-1]) - 1

    @property
    def size(self) -> int:
        """Frames of the window that are not padding."""
        return min(self.most, self.content - self.seek)


@dataclass(slots=True)
class Window:
    """A stretch of an utterance that the model hears at once."""

    progress: Progress
    mels: Features
    frames: int
    """Frames that the encoder sees, if the window is heard alone."""
    prompt: list[int]
    before: tuple[int, ...] = ()
    """Tokens of the prompt that were said just before."""
    encoded: Any = None
    """Encoding of this window alone; None where the round was encoded together."""


@dataclass(frozen=True, slots=True)
class WindowText:
    """Tokens that the model wrote for a window, and the marks by which they are believed."""

    tokens: list[int]
    logprob: float
    compression: float
    no_speech: float
    parts: list[dict[str, Any]]
    """Segments, as faster-whisper cuts them."""
    seek: int
    """Frame at which the next window begins."""
    ends: bool
    """True if nothing is said behind the last timestamp."""
