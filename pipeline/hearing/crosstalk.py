"""Measures from two microphones' band levels how much of one is the sound of the other, and how much later. Pure.

The copy of a voice has the pattern of the original: the same bands grow and fade at the same time, a little later or,
on a quicker network, earlier. Neither gain nor a loudspeaker's colour changes the pattern. Own words beside it do: they
bring levels that the partner's voice does not explain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.hearing.band_levels import BANDS, BandLevels, Levels
from pipeline.hearing.level_patterns import centred, correlation, correlations, within
from pipeline.hearing.likeness import LEAST_ALIKE, NEAR_MISS, Likeness, nearer_db
from pipeline.speech import FRAME_MS

EARLIEST_MS = -300
LATEST_MS = 700
"""Bounds of the delay of a copy. Earlier than the original: the two microphones come by different networks."""
MOST_MS = 13_000
"""Voice that is compared: the last of an utterance, as far as it is kept."""
JOINED_MS = 160
"""Silence between two voices that are one run."""
RUN_MS = 1200
"""Longest run. Each has a delay and a gain of its own, for loudspeakers stretch time and microphones change gain."""
BLOCK_MS = 500
"""Length of a part of a run that is judged by itself: own words of this length are seen within a partner's speech."""
LEAST_BLOCK_FIT = 0.55
"""Share of levels that the partner's voice explains in each block of a copy."""
RANGE_DB = 24.0
"""Levels below a band's peak that are compared."""
OVER_NOISE_DB = 5.0
"""Distance from a microphone's noise within which a level means nothing."""
LEAST_BANDS = 6
LEAST_RANGE_DB = 8.0
"""Bands, and levels in them above the noise, without which nothing can be compared."""
LEAST_MOVEMENT_DB = 2.0
"""Movement of the levels (standard deviation) without which a sound has no pattern: a hum, a steady tone."""
QUIET_DB = 25.0
"""Level of a band that no voice is below."""
CLEAR_DB = 3.0
"""Distance from the lower bound of a band at which there is sound in it."""
FIT_DB = 5.0
"""Distance from the expected level within which a level is explained by the partner's voice."""
FADING_DB, FADING_ROWS = 3.0, 6
"""Fading of a sound in a room, dB a row, and rows for which it explains what is still there."""

_LEAD_ROWS = 10
_EARLIEST, _LATEST = EARLIEST_MS // FRAME_MS, LATEST_MS // FRAME_MS
_LAGS = _LATEST - _EARLIEST + 1
_DRIFT_ROWS = 3
_Flags = NDArray[np.bool_]


def compare(mine: BandLevels, theirs: BandLevels, voice_ms: Sequence[tuple[int, int]]) -> Likeness:
    """Compare what was voiced in `mine` at `voice_ms`, spans of media time, with what was in `theirs` around it."""
    found = (_Run.of(mine, theirs, first, count) for first, count in _runs(voice_ms))
    runs = [run for run in found if run is not None]
    if not runs or all(run.alone for run in runs):
        return Likeness()
    rows = sum(run.rows for run in runs)
    score = np.sum([run.rows * np.square(np.maximum(run.alike, 0)) for run in runs], axis=0)
    place = int(np.argmax(score))
    best = [run.best(place) for run in runs]
    alike = sum(run.rows * one.alike for run, one in zip(runs, best, strict=True)) / rows
    lag_ms = (_LATEST - place) * FRAME_MS
    if alike < LEAST_ALIKE - NEAR_MISS:
        return Likeness(rows, alike, lag_ms=lag_ms)
    matches = [_Match.of(run, one) for run, one in zip(runs, best, strict=True)]
    both = np.concatenate([match.both for match in matches])
    if not both.any():
        return Likeness(rows, alike, lag_ms=lag_ms)
    gain = np.concatenate([match.gain for match in matches])
    usual = float(np.median(gain[both]))
    gains = _gains(gain, both, usual)
    blocks = [block for match in matches for block in match.blocks(gains)]
    fit = sum(block.explained for block in blocks) / max(1, sum(block.relevant for block in blocks))
    clearer_db = sum(run.rows * run.clearer_db for run in runs) / rows
    nearer = nearer_db(-usual, clearer_db, lag_ms)
    return Likeness(rows, alike, fit, _longest_own_ms(blocks), lag_ms, nearer)


@dataclass(frozen=True, slots=True)
class _Run:
    """Voice without a long silence in it, with what the other microphone had around it.

    At place `p`, row `n` of `mine` stands beside row `n + p` of `theirs`: a later place is a shorter delay.
    """

    mine: Levels
    theirs: Levels
    known: _Flags
    """Rows of `theirs` that are not still on their way."""
    floor: Levels
    """Lower bound of each band in `mine`."""
    their_floor: Levels
    extent: Levels
    """Levels of each band above its lower bound that are compared; 0 in bands that are not."""
    pattern: Levels
    """Levels of `mine` that are compared, each band about its mean."""
    alike: NDArray[np.float64]
    """Correlation at each place."""
    clearer_db: float
    """Distance from noise that `theirs` has and `mine` has not."""
    alone: bool
    """True if the other microphone had no sound."""

    @classmethod
    def of(cls, mine: BandLevels, theirs: BandLevels, first: int, count: int) -> _Run | None:
        """Return the run, or None if its sound is too faint or too steady to be compared."""
        around = mine.rows(first - _LEAD_ROWS, count + _LEAD_ROWS)[0]
        here = around[_LEAD_ROWS:]
        peak, noise = here.max(axis=0), _noise(around)
        floor = np.maximum(peak - RANGE_DB, noise + OVER_NOISE_DB)
        used = peak - floor >= LEAST_RANGE_DB
        bands = np.count_nonzero(used)
        if bands < LEAST_BANDS:
            return None
        extent: Levels = np.where(used, peak - floor, np.float32(0))
        pattern = centred(within(here - floor, extent))
        movement_db = float(np.sqrt(np.square(pattern).mean(axis=0)).sum()) / bands  # bands of no extent have none
        if movement_db < LEAST_MOVEMENT_DB:
            return None
        there, known = theirs.rows(first - _LATEST, count + _LAGS - 1)
        their_peak = there.max(axis=0)
        their_floor = np.maximum(their_peak - extent, np.float32(QUIET_DB))
        alike = correlations(pattern, within(there - their_floor, extent))
        clearer = (their_peak - _noise(there)) - (peak - noise)
        clearer_db, alone = float(clearer[used].mean()), bool(their_peak.max() < QUIET_DB)
        return cls(here, there, known, floor, their_floor, extent, pattern, alike, clearer_db, alone)

    @property
    def rows(self) -> int:
        return len(self.mine)

    def best(self, place: int) -> _Place:
        """Return the best place near `place`, to half a row."""
        since = max(0, place - _DRIFT_ROWS)
        whole = since + int(np.argmax(self.alike[since : place + _DRIFT_ROWS + 1]))
        theirs = self._theirs(whole)
        found = _Place(whole, theirs, float(self.alike[whole]))
        for other in (whole - 1, whole + 1):
            if 0 <= other < _LAGS:
                between = (theirs + self._theirs(other)) / np.float32(2)
                alike = correlation(self.pattern, within(between - self.their_floor, self.extent))
                if alike > found.alike:
                    found = _Place(whole, between, alike)
        return found

    def _theirs(self, place: int) -> Levels:
        """Return the rows of `theirs` that stand beside `mine`."""
        return self.theirs[place : place + self.rows]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of a run, with the other microphone's levels there and the correlation with them."""

    known_from: int
    theirs: Levels
    alike: float


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of a run: levels that the partner's voice must explain, and those of them that it does."""

    rows: int
    relevant: int
    explained: int

    @property
    def own(self) -> bool:
        return self.explained < LEAST_BLOCK_FIT * self.relevant


@dataclass(frozen=True, slots=True)
class _Match:
    """A run beside as many rows of the other microphone."""

    run: _Run
    theirs: Levels
    here: _Flags
    """Levels at which there is sound in this microphone."""
    there: _Flags
    """Levels at which there is sound in the other one."""
    both: _Flags
    gain: Levels
    """Level of this microphone over the other one's, dB."""

    @classmethod
    def of(cls, run: _Run, place: _Place) -> _Match:
        """Return the run beside the other microphone's levels at its best place."""
        known = run.known[place.known_from : place.known_from + run.rows, None] & (run.extent > 0)
        here = (run.mine > run.floor + np.float32(CLEAR_DB)) & known
        there = (place.theirs > run.their_floor + np.float32(CLEAR_DB)) & known
        return cls(run, place.theirs, here, there, here & there, run.mine - place.theirs)

    def blocks(self, gains: Levels) -> list[_Block]:
        """Return the blocks of the run, where the partner's voice comes in by `gains` dB in each band.

        The gain of a microphone may change a little from run to run.
        """
        run, rest = self.run, (self.gain - gains)[self.both]
        change = float(np.clip(np.median(rest), -6, 6)) if len(rest) >= 4 * LEAST_BANDS else 0.0
        expected = self.theirs + (gains + np.float32(change))
        relevant = self.here | (self.there & (expected > run.floor + np.float32(2 * CLEAR_DB)))
        explained = relevant & (run.mine >= expected - FIT_DB) & (run.mine <= _fading(expected) + FIT_DB)
        parts = _parts(0, run.rows, BLOCK_MS // FRAME_MS)
        starts = [at for at, _ in parts]
        counts = (np.add.reduceat(np.count_nonzero(one, axis=1), starts) for one in (relevant, explained))
        return [_Block(rows, int(r), int(e)) for (_, rows), r, e in zip(parts, *counts, strict=True)]


def _runs(voice_ms: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the last voice in runs as (first row, number of rows); short silences are part of them."""
    runs: list[tuple[int, int]] = []
    for start, end in voice_ms:
        first, after = start // FRAME_MS, -(-end // FRAME_MS)
        if after <= first:
            continue
        if runs and first - sum(runs[-1]) <= JOINED_MS // FRAME_MS:
            first = runs.pop()[0]
        runs.append((first, after - first))
    oldest = sum(runs[-1]) - MOST_MS // FRAME_MS if runs else 0
    parts = (part for first, count in runs for part in _parts(first, count, RUN_MS // FRAME_MS))
    return [part for part in parts if part[0] >= oldest]


def _parts(first: int, count: int, longest: int) -> list[tuple[int, int]]:
    """Return rows in parts of much the same length, at most `longest`, as (first row, number of rows)."""
    parts = -(-count // longest)
    bounds = [first + count * n // parts for n in range(parts + 1)]
    return [(since, until - since) for since, until in pairwise(bounds)]


def _fading(levels: Levels) -> Levels:
    """Return the levels with what a room keeps of the rows before."""
    faded = levels.copy()
    for rows in range(1, min(FADING_ROWS + 1, len(levels))):
        faded[rows:] = np.maximum(faded[rows:], levels[:-rows] - FADING_DB * rows)
    return faded


def _noise(levels: Levels) -> Levels:
    """Return each band's level that a tenth of the sounding rows are below."""
    sounding = levels[levels.max(axis=1) > 0]
    if not len(sounding):
        return np.zeros(BANDS, np.float32)
    place = len(sounding) // 10
    lowest: Levels = np.partition(sounding, place, axis=0)[place]
    return lowest


def _gains(gain: Levels, both: _Flags, usual: float) -> Levels:
    """Return the median gain in each band, and where that is not known the usual gain of all."""
    ordered, counts = np.sort(np.where(both, gain, np.float32(np.inf)), axis=0), np.count_nonzero(both, axis=0)
    bands = np.arange(BANDS)
    medians = (ordered[(counts - 1) // 2, bands] + ordered[counts // 2, bands]) / 2
    gains: Levels = np.where(counts >= 5, medians, np.float32(usual)).astype(np.float32)
    return gains


def _longest_own_ms(blocks: Sequence[_Block]) -> int:
    """Return the longest voice in a row that the partner's does not explain, ms."""
    longest = present = 0
    for block in blocks:
        present = present + block.rows if block.own else 0
        longest = max(longest, present)
    return longest * FRAME_MS
