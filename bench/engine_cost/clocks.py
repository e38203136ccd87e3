"""Durations of work, and the memory of a process."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LEAST, _MOST = 3, 9


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of several runs: the median, the quickest, and the least processor time.

    `cpu` is the least that one run kept processors busy, its children's included. On a machine with other things to do
    only `cpu` is the work's own.
    """

    median: float
    quickest: float
    cpu: float
    runs: int


def timed(
    work: Callable[[], object], budget_s: float, longest_s: float, clock: Callable[[], float] = time.perf_counter
) -> Timed:
    """Run `work` once to warm up, then three to nine times, within `budget_s` from the third run on.

    Work that takes longer than twice `budget_s` is run once more, and the quicker time counts. Work that takes more
    than `longest_s` is run only once. `clock` gives seconds.
    """
    took = [_once(work, clock)]
    if took[0][0] >= 2 * budget_s:
        if took[0][0] < longest_s:
            took.append(_once(work, clock))
        return Timed(min(took)[0], min(took)[0], min(cpu for _, cpu in took), 1)
    took.clear()
    while len(took) < _LEAST or (len(took) < _MOST and sum(wall for wall, _ in took) < budget_s):
        took.append(_once(work, clock))
    walls = [wall for wall, _ in took]
    return Timed(statistics.median(walls), min(walls), min(cpu for _, cpu in took), len(took))


def _once(work: Callable[[], object], clock: Callable[[], float]) -> tuple[float, float]:
    began, busy = clock(), _busy()
    work()
    return clock() - began, _busy() - busy


def _busy() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def memory_mb() -> float:
    """Return the resident memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def peak_mb() -> float:
    """Return the most memory that was ever resident of this process, MB.

    getrusage(2) is of no use: its peak includes the process which started this one.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6
