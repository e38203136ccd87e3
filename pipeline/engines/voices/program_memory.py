"""Decides when a speaking program has grown so large that it is started anew between two texts."""

from __future__ import annotations

import os
from pathlib import Path

LIMIT_MB = 2048
"""Resident memory, MiB, from which on a program is renewed."""
GROWTH = 1.5
"""Factor on its memory after the first text: a large model is no growth, and renewing it would change nothing."""


class MemoryLimit:
    """Memory of one program, run after run."""

    def __init__(self, limit_mb: int = LIMIT_MB) -> None:
        self._limit_mb = limit_mb
        self._first_mb: float | None = None

    def begin(self) -> None:
        """Note that the program was started."""
        self._first_mb = None

    def exceeded(self, held_mb: float) -> bool:
        """Return True if a program that holds `held_mb` behind a text is to be renewed."""
        if self._first_mb is None:
            self._first_mb = held_mb
        return held_mb > max(self._limit_mb, GROWTH * self._first_mb)


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, MiB (proc_pid_statm(5)); 0 where that cannot be known."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
