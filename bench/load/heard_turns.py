"""Turns of a call as its listener heard them: how long after the end of each the interpreter's voice began. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

VOICED_DB = -50.0
EARLIEST_S = 0.3
"""Time from the beginning of a turn before which what is heard belongs to the turn before it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A sentence of a speaker; loop time, s. It ends with its last voice.

    Sound from `begin` until `next_begin` is its translation.
    """

    begin: float
    end: float
    next_begin: float


def late_s(turn: Turn, arrivals: Sequence[float], levels: Sequence[float]) -> float | None:
    """Return the time from the turn's end to the first voiced packet of its translation, s; None if there was none.

    It is negative where the interpreter began first. `arrivals` are in order; `levels` of the packets, dB.
    """
    for place in range(bisect_left(arrivals, turn.begin + EARLIEST_S), len(arrivals)):
        if arrivals[place] >= turn.next_begin + EARLIEST_S:
            return None
        if levels[place] > VOICED_DB:
            return arrivals[place] - turn.end
    return None
