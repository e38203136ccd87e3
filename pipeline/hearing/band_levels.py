"""Levels of one microphone in 24 bands, every 20 ms, of the last 15 s: enough to compare it with another one.

The sound itself is not kept. Frames are measured several at a time, so that the frame rate pays little for each.
"""

from __future__ import annotations

import itertools
import threading

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, Frame

ROWS = 768
"""Rows that are kept, one for each 20 ms."""
EDGES_HZ = np.concatenate((np.arange(200, 1200, 125), np.geomspace(1200, 6800, 17)))
"""Bounds of the bands: as wide as the distance of a voice's harmonics, and wider above the first formants."""
BANDS = len(EDGES_HZ) - 1
LATE_ROWS = 15
"""Rows behind the newest whose frames may still be on their way; beyond them a microphone is silent."""
STEP_DB = 0.5

Levels = NDArray[np.float32]
"""Rows of levels in dB: white noise of an RMS of 1 (int16) has 3 dB in each band, digital silence 0."""

_BATCH = 32
_turns = itertools.cycle(range(_BATCH))
"""Places of microphones in a batch's time. In one place all who are compared at once would be measured at once."""
_WINDOW = np.hanning(2 * FRAME_SAMPLES).astype(np.float32)
_SILENCE = bytes(FRAME_BYTES)


def _weights() -> Levels:
    """Return the share of each frequency's power in each band's mean, as (frequencies, bands)."""
    hz = np.fft.rfftfreq(2 * FRAME_SAMPLES, 1 / SAMPLE_RATE)
    inside = (hz[:, None] >= EDGES_HZ[:-1]) & (hz[:, None] < EDGES_HZ[1:])
    scaled: Levels = (inside / inside.sum(axis=0) / np.square(_WINDOW).sum()).astype(np.float32)
    return scaled


_HEARD = np.flatnonzero(_weights().any(axis=1))
_BINS = slice(int(_HEARD[0]), int(_HEARD[-1]) + 1)
"""Frequencies that lie in a band."""
_PARTS = slice(2 * _BINS.start, 2 * _BINS.stop)
"""Their real and imaginary parts, which follow each other."""
_PART_WEIGHTS = np.repeat(_weights()[_BINS], 2, axis=0) * np.float32(2 * FRAME_SAMPLES) ** 2
"""Weights of the parts of a spectrum by its "forward" norm: by the usual one NumPy computes in double precision, and
takes four times as long."""


class _Scratch(threading.local):
    """Arrays of one batch, which all microphones of a thread use in turn. New ones would cost more than the sums."""

    def __init__(self) -> None:
        self.samples = np.zeros((_BATCH + 1) * FRAME_SAMPLES, np.float32)
        self.overlapping = sliding_window_view(self.samples, 2 * FRAME_SAMPLES)[::FRAME_SAMPLES]
        self.windows = np.zeros((_BATCH, 2 * FRAME_SAMPLES), np.float32)


_SCRATCH = _Scratch()


class BandLevels:
    """Levels of one microphone. A row is named by its number: media time divided by 20 ms."""

    def __init__(self) -> None:
        self._ring = np.zeros((ROWS, BANDS), np.uint8)
        self._pending: list[tuple[int, bytes]] = []
        """Frames that are not measured yet, with the numbers of their rows."""
        self._last = -ROWS, _SILENCE
        """The last frame that was measured, with its row."""
        self._newest: int | None = None
        self._turn = next(_turns)

    def __repr__(self) -> str:
        return f"<BandLevels up to row {self._newest}, {len(self._pending)} pending>"

    def hear(self, frame: Frame) -> None:
        """Take in the next frame, in media order. A frame without sound, or that is left out, is silence."""
        row = frame.start_ms // FRAME_MS
        newest = row - 1 if self._newest is None else self._newest
        if row <= newest:
            return
        if row != newest + 1:
            self._measure()
            self._ring[np.arange(max(newest, row - ROWS) + 1, row) % ROWS] = 0
        self._newest = row
        if len(frame.pcm) == FRAME_BYTES:
            self._pending.append((row, frame.pcm))
        else:
            self._ring[row % ROWS] = 0
        if row % _BATCH == self._turn:
            self._measure()

    def rows(self, first: int, count: int) -> tuple[Levels, NDArray[np.bool_]]:
        """Return `count` rows from `first` on, and which of them are known. A row that is not known is silence."""
        self._measure()
        numbers = np.arange(first, first + count)
        levels: Levels = self._ring[numbers % ROWS] * np.float32(STEP_DB)
        newest = first - 1 - LATE_ROWS if self._newest is None else self._newest
        levels[(numbers > newest) | (numbers <= newest - ROWS)] = 0
        return levels, (numbers <= newest) | (numbers > newest + LATE_ROWS)

    def _measure(self) -> None:
        """Measure the pending frames, each with the frame before it."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        count, (before, tail) = len(pending), self._last
        samples = _SCRATCH.samples[: (count + 1) * FRAME_SAMPLES]
        samples[:] = np.frombuffer(b"".join([tail, *[pcm for _, pcm in pending]]), np.int16)
        windows = _SCRATCH.windows[:count]
        np.multiply(_SCRATCH.overlapping[:count], _WINDOW, out=windows)
        for place, (row, _) in enumerate(pending):
            if row != before + 1:
                windows[place, :FRAME_SAMPLES] = 0
            before = row
        parts = np.fft.rfft(windows, norm="forward").view(np.float32)[:, _PARTS]
        np.square(parts, out=parts)
        power = parts @ _PART_WEIGHTS
        power += 1
        np.log10(power, out=power)
        power *= 10 / STEP_DB
        self._ring[np.array([row for row, _ in pending]) % ROWS] = np.minimum(power, 255, out=power)
        self._last = pending[-1]
