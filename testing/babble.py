"""Many people who talk at once, away from the microphone: recordings over each other, each voice at its own pitch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.speech import SAMPLE_RATE
from testing.disturbances import Make, Sound, level
from testing.resampling import resampled

LOWEST, HIGHEST = 0.82, 1.22
"""Factors on the pitch and the tempo of the recordings: one speaker becomes several."""
GAP_S = (0.1, 0.6)


def babble(recordings: Sequence[bytes], dbfs: float, talkers: int = 6) -> Make:
    """Return a maker of `talkers` people's talk at that level; `recordings` are s16 at `SAMPLE_RATE`."""

    def make(chance: np.random.Generator, seconds: float) -> Sound:
        out = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
        for pitch in np.geomspace(LOWEST, HIGHEST, talkers):
            at = -int(chance.integers(0, 2 * SAMPLE_RATE))
            while at < len(out):
                said = np.frombuffer(recordings[int(chance.integers(len(recordings)))], np.int16)
                voice = resampled(said, round(SAMPLE_RATE * pitch)).astype(np.float32)
                heard = voice[max(0, -at) :][: len(out) - max(0, at)]
                out[max(0, at) : max(0, at) + len(heard)] += heard
                at += len(voice) + int(chance.uniform(*GAP_S) * SAMPLE_RATE)
        return level(out, dbfs)

    return make
