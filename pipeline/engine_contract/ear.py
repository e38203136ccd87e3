"""Decides whether two sounds are one line, said twice: an ear hears words and tempo, and no samples. Pure.

A voice model that draws noise says no line twice in the same way. The spectra of both are laid along each other by
dynamic time warping (Sakoe & Chiba 1978), which forgives a syllable that is longer; what is left is compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.speech import VOICE_RATE

TEMPO = 0.3
"""Share by which one of the two may be longer."""
APART_DB = 4.0
"""Mean difference of spectra along the best way, beyond which the words are others. Two draws of a real VITS voice are
1.3 to 2.9 dB apart, its sentences of one length 5 to 8 dB, and 3.6 dB where they share all words but one."""
_HOP, _WINDOW = VOICE_RATE // 50, 1024
_BANDS, _LOW_HZ, _HIGH_HZ = 20, 100.0, 7000.0
_FLOOR_DB = -40.0
"""Below the loudest band everything is silence."""


def alike(one: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    """Return True if two mono sounds at `VOICE_RATE` are the same line. Nothing is like nothing."""
    short, long = sorted((one.size, other.size))
    if not long or not short:
        return long == short
    return short >= (1 - TEMPO) * long and apart_db(one, other) <= APART_DB


def apart_db(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """Return the mean difference (dB) of the spectra of two sounds along the way on which they differ least."""
    first, second = spectra(one), spectra(other)
    cost = np.sqrt(np.mean((first[:, np.newaxis] - second[np.newaxis]) ** 2, axis=2))
    best = np.full((len(first) + 1, len(second) + 1), np.inf)
    best[0, 0] = 0.0
    for i, row in enumerate(cost.tolist(), 1):
        before, line = best[i - 1].tolist(), [np.inf]
        for j, here in enumerate(row, 1):  # a step in both counts twice: no way is cheaper for being short
            line.append(min(before[j - 1] + 2 * here, before[j] + here, line[j - 1] + here))
        best[i] = line
    return float(best[-1, -1] / (len(first) + len(second)))


def spectra(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return [frames, bands] in dB below the loudest band of all frames: how loud the sound is does not count."""
    padded = np.pad(sound.astype(np.float64), (0, max(0, _WINDOW - sound.size)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)) ** 2
    bands = power @ _FILTERS.T
    loudest = float(bands.max()) or 1.0
    decibels: NDArray[np.float64] = np.maximum(10 * np.log10(bands / loudest + 1e-12), _FLOOR_DB)
    return decibels


def _filters() -> NDArray[np.float64]:
    """Return triangles of equal width in mel: [bands, bins]."""
    mel = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), _BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / VOICE_RATE)
    low, middle, high = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    triangles: NDArray[np.float64] = np.clip(
        np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)), 0, None
    )
    return triangles


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


_FILTERS = _filters()
