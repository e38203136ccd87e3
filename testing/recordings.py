"""Sound in recordings: how much of it is voice, where it ends, and where a known sound lies in it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE
from testing.resampling import as_float, resampled

Samples = NDArray[np.float32]
VOICED = 0.01  # -40 dBFS


def load(file: Path) -> Samples:
    """Return a mono 16-bit WAV file at `SAMPLE_RATE`, -1..1."""
    with wave.open(str(file), "rb") as opened:
        rate = opened.getframerate()
        samples = np.frombuffer(opened.readframes(opened.getnframes()), np.int16)
    return as_float(resampled(samples, rate))


def voiced_ms(sound: Samples) -> int:
    """Return the milliseconds of the 20 ms frames of `sound` that are louder than -40 dBFS."""
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    return int((np.sqrt((frames**2).mean(axis=1)) > VOICED).sum()) * 20 if len(frames) else 0


def speech_end(sound: Samples) -> float:
    """Return the seconds from the start of a recording to its last voiced sample."""
    voiced = np.flatnonzero(np.abs(sound) > VOICED)
    return float(voiced[-1] + 1) / SAMPLE_RATE if len(voiced) else 0.0


def find(sound: Samples, within: Samples) -> tuple[float, float]:
    """Return the place of `sound` in `within` as (seconds, likeness 0..1), by normalised cross-correlation."""
    if len(within) < len(sound) or not np.any(within):
        return 0.0, 0.0
    size = 1 << (len(within) + len(sound)).bit_length()
    spectrum = np.fft.rfft(within, size) * np.conj(np.fft.rfft(sound, size))
    correlation = np.fft.irfft(spectrum, size)[: len(within) - len(sound) + 1]
    energy = np.concatenate([[0.0], np.cumsum(within.astype(np.float64) ** 2)])
    under = energy[len(sound) :] - energy[: -len(sound)]
    # A near-silent window must not look alike by its noise.
    floor = 1e-4 * float(np.dot(sound, sound))
    scale = np.sqrt(np.maximum(under[: len(correlation)], floor) * float(np.dot(sound, sound)))
    likeness = np.abs(correlation) / np.maximum(scale, 1e-9)
    best = int(np.argmax(likeness))
    return best / SAMPLE_RATE, float(likeness[best])
