"""A progress bar on a terminal, and a line now and then in a log file."""

from __future__ import annotations

import sys
import time


class Progress:
    """`total` steps of something. Steps that an earlier run did count, but not for the speed."""

    def __init__(self, name: str, total: int, done: int = 0) -> None:
        self._name, self._total, self._start = name, max(1, total), done
        self._began = time.monotonic()
        self._shown = 0.0
        self._live = sys.stderr.isatty()

    def show(self, done: int, remark: str = "") -> None:
        """Show the progress, at most every second (every 30 s in a file), with `remark` behind it."""
        now = time.monotonic()
        if now - self._shown < (1 if self._live else 30) and done < self._total:
            return
        self._shown = now
        share = min(1.0, done / self._total)
        speed = (done - self._start) / max(now - self._began, 1e-3)
        left = (self._total - done) / speed if speed > 0 else 0.0
        bar = "#" * round(24 * share)
        line = f"{self._name} [{bar:24}] {done}/{self._total}, {speed:.1f}/s, {left / 60:.0f} min left {remark}"
        end = "" if self._live and share < 1 else "\n"
        print(f"\r{line:110}" if self._live else line, end=end, file=sys.stderr, flush=True)
