"""Sounds without words, which the recogniser learns to refuse: noise of any colour, tones and notes, blows.

Every one is made from chance alone. `testing/disturbances.py`, which refusal is tested with, is another
workshop: nothing of it is used here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE = 16_000


def _noise(chance: np.random.Generator, count: int) -> Sound:
    """Noise with a random curve over the frequencies, steady or in swells."""
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    corners = np.sort(chance.uniform(40, 8000, 4))
    curve = np.interp(hz, corners, chance.uniform(-40, 0, 4))
    sound = np.fft.irfft(spectrum * 10 ** (curve / 20), count)
    if chance.random() < 0.6:
        every = int(RATE * chance.uniform(0.05, 0.8))
        points = np.arange(0, count + every, every)
        sound *= np.interp(np.arange(count), points, chance.uniform(0, 1, len(points)) ** chance.uniform(0.5, 3))
    return sound.astype(np.float32)


def _notes(chance: np.random.Generator, count: int) -> Sound:
    """One to four voices of notes: harmonics that are held or die away, some with vibrato or glides."""
    out = np.zeros(count)
    for _ in range(chance.integers(1, 5)):
        lasts = int(RATE * chance.uniform(0.08, 1.5))
        base, at = chance.uniform(60, 900), 0
        fall, power = chance.choice((0.0, chance.uniform(0.5, 8))), chance.uniform(0.8, 3)
        vibrato, glide = chance.choice((0.0, chance.uniform(0, 0.03))), chance.choice((0.0, chance.uniform(-0.7, 0.7)))
        while at < count:
            length = min(lasts, count - at)
            time = np.arange(length) / RATE
            bent = 1 + vibrato * np.sin(2 * np.pi * 5.5 * time) + glide * time
            phase = 2 * np.pi * np.cumsum(base * 2 ** (chance.integers(-12, 13) / 12) * bent) / RATE
            note = sum(np.sin(n * phase) / n**power for n in range(1, int(chance.integers(2, 12))))
            edge = np.minimum(1, np.minimum(time, time[::-1]) / 0.01)
            if chance.random() < 0.85:
                out[at : at + length] += note * np.exp(-fall * time) * edge
            at += lasts
    return out.astype(np.float32)


def _blows(chance: np.random.Generator, count: int) -> Sound:
    """Clicks, knocks, clinks, claps and puffs, at random times."""
    out = np.zeros(count)
    a_second = chance.uniform(0.7, 12)
    at = int(chance.exponential(RATE / a_second))
    low, high = np.sort(chance.uniform(60, 6500, 2))
    lasts = 10 ** chance.uniform(-2.6, -0.7)
    hiss = chance.choice((chance.uniform(0, 0.5), 3.0))
    while at < count:
        length = min(count - at, int(RATE * lasts * 6) + 1)
        time = np.arange(length) / RATE
        blow = np.sin(2 * np.pi * chance.uniform(low, high) * time) + hiss * chance.normal(0, 1, length)
        out[at : at + length] += chance.uniform(0.2, 1) * blow * np.exp(-time / lasts)
        at += int(chance.exponential(RATE / a_second)) + 160
    return out.astype(np.float32)


def _warble(chance: np.random.Generator, count: int) -> Sound:
    """Signals: tones that switch, sweep or pulse."""
    time = np.arange(count) / RATE
    first, second = chance.uniform(200, 3000, 2)
    turn = (time * chance.uniform(1, 25)) % 1
    hz = np.where(turn < 0.5, first, second) if chance.random() < 0.5 else first + (second - first) * turn
    gate = (time % chance.uniform(0.3, 3)) < chance.uniform(0.1, 2)
    return (np.sin(2 * np.pi * np.cumsum(hz) / RATE) * gate).astype(np.float32)


def sound(chance: np.random.Generator) -> Sound:
    """Return a sound of 1-4 s, peak 0.5. A fifth of them are two sounds at once, most over faint noise."""
    count = int(RATE * chance.uniform(1.0, 4.0))
    out = np.zeros(count, np.float32)
    for _ in range(1 + int(chance.random() < 0.2)):
        make = (_noise, _notes, _blows, _warble)[chance.choice(4, p=(0.3, 0.35, 0.25, 0.1))]
        piece = make(chance, count)
        out += piece / max(float(np.abs(piece).max()), 1e-6)
    out += (10 ** chance.uniform(-5, -1.5) * chance.normal(0, 1, count)).astype(np.float32)
    return (out * (0.5 / float(np.abs(out).max()))).astype(np.float32)
