"""Tells a server that fills its core, and measures it with fewer peers, beside ours with as many.

Processor time for each peer says nothing of a server that gets no more of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_BUSY = 90.0
"""Per cent of its core from which on a server is taken to fill it."""
FEWEST = 2
CLEAN = "clean"

Phases = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """`peers`: with which it was measured; `ours`, `theirs`: processor time, % of a core for each peer."""

    peers: int
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def cpu_of(phases: Phases) -> float | None:
    """Return the processor time of the clean phase, % of a core for each peer; None if it failed."""
    found = [one for one in phases if one["name"] == CLEAN and "failed" not in one]
    return float(found[0]["cpu_per_peer"]) if found else None


def fills(phases: Phases, peers: int) -> bool:
    """Return True if the server took all of its core with so many peers."""
    cpu = cpu_of(phases)
    return cpu is not None and cpu * peers >= MOST_BUSY


def side_by_side(
    theirs: Phases, peers: int, ours_with: Callable[[int], Phases], theirs_with: Callable[[int], Phases]
) -> Side | None:
    """Return both with the most peers, halved from `peers` on, with which theirs does not fill its core.

    None where it fills it with the fewest, or a measurement failed.
    """
    while fills(theirs, peers) and peers > FEWEST:
        peers = max(FEWEST, peers // 2 // 2 * 2)
        theirs = theirs_with(peers)
    ours, cpu = cpu_of(ours_with(peers)), cpu_of(theirs)
    if ours is None or cpu is None or not cpu or fills(theirs, peers):
        return None
    return Side(peers, ours, cpu)
