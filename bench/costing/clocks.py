"""How long something takes, and how much memory a process has."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LEAST, _MOST = 3, 9


@dataclass(frozen=True, slots=True)
class Timed:
    """The median of so many runs, in seconds, and the quickest of them."""

    median: float
    quickest: float
    runs: int


def timed(work: Callable[[], object], budget_s: float) -> Timed:
    """Runs `work` once to warm up, then three to nine times, within `budget_s` from the third on. What takes longer
    than twice that by itself is run once more, and the quicker time counts."""
    took = [_once(work)]
    if took[0] >= 2 * budget_s:
        took.append(_once(work))
        return Timed(min(took), min(took), 1)
    took.clear()
    while len(took) < _LEAST or (len(took) < _MOST and sum(took) < budget_s):
        took.append(_once(work))
    return Timed(statistics.median(took), min(took), len(took))


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def memory_mb() -> float:
    """What is resident of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def peak_mb() -> float:
    """The most that was ever resident of it. Not getrusage(2)'s: that remembers the process which started this one."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6
