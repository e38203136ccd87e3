"""Decides whether bytes hold a tone as samples: int16 or float32, at the rates that sound has inside the server."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE, VOICE_RATE

RATES = (SAMPLE_RATE, VOICE_RATE, 48_000)
QUIETEST = {"<i2": 32.0, "<f4": 32.0 / 32768}
"""Peak of a window below which it counts as silence, by the form of its samples."""
LOUDEST = 40_000.0
"""Peak beyond which a float32 is no sample."""
WINDOW_S = 0.01
"""Half of a frame: sound that was cut into frames has whole windows in it, wherever they lie."""
SHARE = 0.5
"""Part of a window's power at a tone's frequency that makes it that tone. Of other data a hundredth is."""


def sounds(data: bytes, tones: Iterable[float]) -> set[float]:
    """Return those of `tones` (Hz) of which at least 10 ms are in `data`, at any place."""
    wanted, found = list(tones), set()
    for form, quietest in QUIETEST.items():
        width = np.dtype(form).itemsize
        for offset in range(width):
            samples = np.frombuffer(data, form, (len(data) - offset) // width, offset).astype(np.float32)
            samples[~(np.abs(samples) < LOUDEST)] = 0.0  # not a number, too
            for rate in RATES:
                found |= _in_samples(samples, rate, wanted, quietest)
    return found


def _in_samples(samples: NDArray[np.float32], rate: int, tones: list[float], quietest: float) -> set[float]:
    length = int(rate * WINDOW_S)
    found: set[float] = set()
    for start in (0, length // 2):
        whole = samples[start:]
        windows = whole[: len(whole) // length * length].reshape(-1, length)
        windows = windows[np.abs(windows).max(axis=1, initial=0.0) >= quietest]
        windows = windows - windows.mean(axis=1, keepdims=True)
        power = np.einsum("ij,ij->i", windows, windows)
        for tone in tones:
            at_tone = np.square(windows @ _waves(tone, rate, length)).sum(axis=1)
            if np.any(at_tone > SHARE * np.maximum(power, 1e-9)):
                found.add(tone)
    return found


def _waves(tone: float, rate: int, length: int) -> NDArray[np.float32]:
    """Return an orthonormal basis of a tone's waves of any phase."""
    angle = 2 * np.pi * tone / rate * np.arange(length)
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    basis, _ = np.linalg.qr(waves - waves.mean(axis=0))
    return np.asarray(basis, np.float32)
