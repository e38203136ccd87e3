"""Decides the gain that brings a voice to a loudness before it is recognised. Pure.

The loudness is the gated mean power of ITU-R BS.1770-5, without its filter and its overlaps: what is far below the
voice does not count. One gain holds for a whole window, so what is soft within it stays soft.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE

MOST_GAIN_DB = 30.0
"""Largest gain, and largest loss, in dB: beyond it noise would be made a voice."""
HIGHEST_PEAK = 10 ** (-1 / 20)
"""Highest sample after a gain, 1.0 being full scale: -1 dBFS."""
_BLOCK = SAMPLE_RATE // 50
_ABSOLUTE_GATE = 10 ** (-70 / 10)
_RELATIVE_GATE = 10 ** (-10 / 10)

Samples = NDArray[np.float32]


def levelled(audio: Samples, dbfs: float) -> Samples:
    """Return mono samples of -1..1 with their voice at `dbfs`, or as near as the bounds let it come.

    Samples without a block above -70 dBFS are returned as they are.
    """
    loudness = loudness_dbfs(audio)
    if loudness is None:
        return audio
    gain_db = min(max(dbfs - loudness, -MOST_GAIN_DB), MOST_GAIN_DB)
    # A gain stops at the peak. A sound that is above it already is not made softer for that.
    most = max(1.0, HIGHEST_PEAK / float(np.abs(audio).max()))
    return audio * np.float32(min(10 ** (gain_db / 20), most))


def loudness_dbfs(audio: Samples) -> float | None:
    """Return the gated loudness of mono samples, dB of full scale (RMS); None if all is below the gate."""
    blocks = audio[: audio.size // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    powers = np.mean(blocks.astype(np.float64) ** 2, axis=1)
    powers = powers[powers > _ABSOLUTE_GATE]
    if not powers.size:
        return None
    loud = powers[powers > powers.mean() * _RELATIVE_GATE]
    return float(10 * np.log10(loud.mean()))
