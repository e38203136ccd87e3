"""Mono sound at another sample rate."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE


def resampled(samples: NDArray[np.int16], rate: int, to: int = SAMPLE_RATE) -> NDArray[np.int16]:
    """Return `samples` of `rate` Hz at `to` Hz, both int16."""
    return _resampled(samples, rate, to, "s16", np.int16)


def resampled_float(samples: NDArray[np.int16], rate: int, to: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Return `samples` of `rate` Hz at `to` Hz as float32, -1..1, not rounded to int16 in between."""
    return _resampled(samples, rate, to, "flt", np.float32)


def as_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return int16 samples as float32, -1..1."""
    return samples.astype(np.float32) / np.float32(32768)


def _resampled(samples: NDArray[np.int16], rate: int, to: int, sample_format: str, kind: Any) -> NDArray[Any]:
    if not samples.size:
        return np.zeros(0, kind)
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format=sample_format, layout="mono", rate=to)
    parts = [part.to_ndarray()[0] for given in (frame, None) for part in resampler.resample(given)]
    return np.concatenate(parts).astype(kind, copy=False)
