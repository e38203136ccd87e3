"""Decides which spans of a window Silero takes for speech: faster-whisper's voice filter, over a whole window at once.

The detector in `pipeline/hearing` hears frame by frame and decides at once. This one has heard what follows, too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE

Spans = tuple[tuple[int, int], ...]
"""Spans of time in order, ms from the first sample."""


def speech_in(audio: NDArray[np.float32]) -> Spans:
    """Return the spans of speech in mono samples of -1..1 at `SAMPLE_RATE`, with faster-whisper's usual options."""
    found = get_speech_timestamps(audio, VadOptions())
    return tuple((one["start"] * 1000 // SAMPLE_RATE, -(-one["end"] * 1000 // SAMPLE_RATE)) for one in found)


def within(voice: Sequence[tuple[int, int]], speech: Spans) -> Spans:
    """Return those parts of `voice` that lie in `speech`; all speech where no voice is known."""
    if not voice:
        return speech
    return tuple(
        (max(start, since), min(end, until))
        for start, end in voice
        for since, until in speech
        if max(start, since) < min(end, until)
    )
