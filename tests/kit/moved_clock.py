"""The running event loop's clock, moved on by a test: timers are due at once, beside real sockets and processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class MovedClock:
    """Seconds of the running loop. `MovedClock()` takes its clock's place for as long as the loop runs.

    A test gives long times to what it watches, waits for what must come first, and lets the time pass: however slow the
    machine is, nothing is due before. Where all waiting is in the loop itself, `testing/virtual_clock.py` is simpler.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._real = loop.time
        self._ahead = 0.0
        loop.time = self  # type: ignore[method-assign]

    def __call__(self) -> float:
        return self._real() + self._ahead

    def wall(self) -> float:
        """Return Unix epoch seconds that are as far ahead."""
        return time.time() + self._ahead

    def pass_time(self, seconds: float) -> None:
        """Let what is due within `seconds` be due now."""
        self._ahead += seconds


async def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is true that no event tells of. `seconds` bound a failure."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)
