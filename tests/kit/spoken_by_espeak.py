"""Decides which of several sentences espeak-ng says in a recording, by the shape of its sound alone.

For languages of which no recogniser of free speech is here. Sound that a browser stretched, or that was spoken faster,
is still told apart: spectra are aligned by dynamic time warping (Sakoe & Chiba 1978).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.voices.espeak import Espeak
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Synthesize
from testing.recordings import Samples
from testing.resampling import as_float, resampled

HOP, WINDOW = SAMPLE_RATE // 50, 512
BANDS, LOWEST, HIGHEST = 20, 150.0, 5000.0
LOUD = 0.01


def most_like(sound: Samples, texts: Sequence[str], language: str) -> int:
    """Return the number of the text that 16 kHz mono sound says. Raises ValueError for silence."""
    heard = _spectra(sound)
    return int(np.argmin([_distance(heard, _spectra(_rendered(text, language))) for text in texts]))


def _rendered(text: str, language: str) -> Samples:
    (speech,) = Espeak().synthesize([Synthesize(text, language)])
    return as_float(resampled(np.frombuffer(speech.pcm, np.int16), VOICE_RATE, SAMPLE_RATE))


def _spectra(sound: Samples) -> NDArray[np.float64]:
    """Return the loudness of each band in each 20 ms from the first loud sample to the last, without its mean."""
    loud = np.flatnonzero(np.abs(sound) > LOUD)
    if not loud.size or loud[-1] - loud[0] < WINDOW:
        raise ValueError("no voice in the sound")
    voiced = sound[loud[0] : loud[-1] + 1]
    frames = np.lib.stride_tricks.sliding_window_view(voiced, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = np.geomspace(LOWEST, HIGHEST, BANDS + 1) * WINDOW / SAMPLE_RATE
    bands = [power[:, int(low) : max(int(low) + 1, int(high))].mean(axis=1) for low, high in pairwise(edges)]
    levels = np.log(np.stack(bands, axis=1) + 1e-4)
    return np.asarray(levels - levels.mean(axis=0), np.float64)


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the mean distance of frames on the best way through both, each step of which goes on in one or both."""
    costs = np.sqrt(((one[:, None] - other[None]) ** 2).sum(axis=2))
    best = np.full((len(one) + 1, len(other) + 1), np.inf)
    best[0, 0] = 0.0
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            before = min(
                best[row - 1, column - 1] + costs[row - 1, column - 1],
                best[row - 1, column],
                best[row, column - 1],
            )
            best[row, column] = before + costs[row - 1, column - 1]
    return float(best[-1, -1] / (len(one) + len(other)))
