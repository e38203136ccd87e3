"""Backoff between attempts to reconnect: waits that double, until the grace is over."""

from __future__ import annotations


class Backoff:
    """Waits between attempts to come back, all times in s on one clock.

    The server keeps a participant's place for 30 s after it lost them (PROTOCOL). `grace` had better be longer:
    who comes too late is told so.
    """

    def __init__(self, grace: float, first: float = 0.1, ceiling: float = 3.0) -> None:
        self._grace = grace
        self._first = first
        self._ceiling = ceiling
        self._since: float | None = None
        self._wait = first

    def next(self, now: float) -> float | None:
        """How long to wait before the next attempt; None when the grace is over."""
        if self._since is None:
            self._since = now
            self._wait = self._first
        left = self._since + self._grace - now
        if left <= 0:
            return None
        wait = min(self._wait, left)
        self._wait = min(2 * self._wait, self._ceiling)
        return wait

    def succeeded(self) -> None:
        """The next failure starts a new grace."""
        self._since = None
