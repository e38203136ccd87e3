"""Session time, from which subtitles and media time count."""

from __future__ import annotations

import time
from collections.abc import Callable


class SessionClock:
    """Milliseconds since the session was paired, or before that since the room opened, by the loop's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` returns loop time, in seconds."""
        self.now = now
        self._origin = now()

    def begin(self, started_at_ms: int) -> None:
        """Count from `started_at_ms` (epoch) on."""
        self._origin = self.now() - (wall_ms() - started_at_ms) / 1000

    def session_ms(self, at: float) -> float:
        """Return session time at loop time `at`."""
        return (at - self._origin) * 1000


def wall_ms() -> int:
    """Return the time of the wall clock, Unix epoch ms."""
    return round(time.time() * 1000)
