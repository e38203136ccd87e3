"""Correlates patterns of band levels: how much one grows and fades as another does. Pure."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.hearing.band_levels import BANDS, Levels


def within(levels: Levels, extent: Levels) -> Levels:
    """Return levels above a lower bound, each from 0 to its band's extent."""
    bounded: Levels = np.minimum(np.maximum(levels, np.float32(0)), extent)
    return bounded


def centred(levels: Levels) -> Levels:
    """Return the levels, each band about its mean."""
    moved: Levels = levels - levels.mean(axis=0)
    return moved


def correlation(pattern: Levels, theirs: Levels) -> float:
    """Return the correlation of a pattern with as many rows of `theirs`, each band about its mean."""
    beside = centred(theirs)
    own, energy = float(np.vdot(pattern, pattern)), float(np.vdot(beside, beside))
    return float(np.vdot(pattern, beside)) / (own * energy) ** 0.5 if energy > _least_energy(own) else 0.0


def correlations(pattern: Levels, theirs: Levels) -> NDArray[np.float64]:
    """Return the correlation of a pattern with as many rows of `theirs`, at each place."""
    count = len(pattern)
    sums = np.zeros((len(theirs) + 1, 2 * BANDS))
    np.cumsum(np.concatenate((theirs, np.square(theirs)), axis=1), axis=0, out=sums[1:])
    total = sums[count:] - sums[:-count]
    energy = (total[:, BANDS:] - np.square(total[:, :BANDS]) / count).sum(axis=1)
    own = float(np.vdot(pattern, pattern))
    least = _least_energy(own)
    beside = sliding_window_view(theirs.reshape(-1), count * BANDS)[::BANDS]
    common = np.einsum("ij,j", beside, pattern.reshape(-1))  # a product by @ would copy, and wake threads
    found: NDArray[np.float64] = np.where(energy > least, common / np.sqrt(own * np.maximum(energy, least) + 1e-6), 0)
    return found


def _least_energy(own: float) -> float:
    """Return the energy of the other microphone below which it has no pattern."""
    return 0.01 * own + 1e-6
