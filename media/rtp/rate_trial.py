"""Finds out whether a line drops what is over a rate (a policer, a shallow buffer): it sends fewer bits for a while.

Such a line has no queue, so neither round trip nor jitter shows it, and more bits only lose more. By a loss alone it
can't be told from a radio, whose share of lost packets is the same with fewer bits. Pure.
"""

from __future__ import annotations

import math
from enum import Enum

PACKETS = 300
"""Packets over which a share is counted, before a trial and in it: two half-ways of the estimate."""
WORTH = 0.12
"""Share of lost packets from which on there is a trial: of less, FEC restores what fewer bits would save."""
FELL = 1 / 3
"""Part of the share before, below which fewer bits were the cure."""
CURED_S, VAIN_S = 120.0, 600.0
"""Seconds for which the line counts as one of a rate, and for which it is not tried again: it may change its way."""


class Wish(Enum):
    """Demand of the trials on the encoder."""

    NOTHING = 0
    FEWER = 1
    """Fewer bits: a trial is on, or one has found that less is lost by them."""
    AS_BEFORE = 2
    """The bits of before at once: a trial has ended, and as much was lost."""


class RateTrial:
    """The trials of one line. There is one for each time that more bits are sent because of a loss."""

    __slots__ = ("_before", "_cured", "_due", "_lost", "_until", "_wanted")

    def __init__(self) -> None:
        self._wanted = False
        self._due, self._lost = 0, 0.0
        """Packets that were due and that were lost, since the count began."""
        self._before: float | None = None
        """Share lost before the trial that is on; None if there is none."""
        self._cured, self._until = False, -math.inf
        """True if the last trial has found that less is lost by fewer bits, and the time until which that counts."""

    def stepped(self, up: bool) -> None:
        """Note that the encoder was set anew. `up`: to more bits, because of a loss."""
        if self._before is None:
            self._wanted, self._due, self._lost = up, 0, 0.0

    def report(self, expected: int, lost: float, now: float) -> Wish:
        """Take in a receiver report: packets that were due since the one before, and the share that did not come."""
        self._due += expected
        self._lost += expected * lost
        share = self._lost / self._due
        if self._due >= PACKETS:
            self._due, self._lost = 0, 0.0
            if self._before is not None:
                self._cured = share < FELL * self._before
                self._until = now + (CURED_S if self._cured else VAIN_S)
                self._before, self._wanted = None, False
                return Wish.FEWER if self._cured else Wish.AS_BEFORE
            if self._wanted and share >= WORTH and now >= self._until:
                self._before = share
        tried = self._before is not None or (self._cured and now < self._until)
        return Wish.FEWER if tried else Wish.NOTHING
