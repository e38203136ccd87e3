"""Memory and start time of a process of ours, as Linux shows them in /proc; None where there is no such process."""

from __future__ import annotations

import os
import time
from pathlib import Path

_PROC = Path("/proc")
_START = 19  # of the fields behind the command's name: starttime (proc(5), /proc/pid/stat, field 22)
_MOST = 64  # processes below one: a program of ours has a few


def resident_bytes(pid: int, most: int = _MOST) -> int | None:
    """Return the resident memory of a process and of those that it has started, `most` of them in all.

    Pages that they share count in each.
    """
    found, total = [pid], 0
    for number, one in enumerate(found):
        resident = _resident_bytes(one)
        if resident is None:
            if number == 0:
                return None
            continue
        total += resident
        found += _children(one)[: max(0, most - len(found))]
    return total


def started_at(pid: int) -> float | None:
    """Return the Unix time at which a process was started."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        running_s = float((_PROC / "uptime").read_text().split()[0]) - int(fields[_START]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return time.time() - running_s


def _resident_bytes(pid: int) -> int | None:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child)
            for task in (_PROC / str(pid) / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
