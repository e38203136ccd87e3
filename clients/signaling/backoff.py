"""Pauses between attempts to reconnect: each twice as long, until a time limit."""

from __future__ import annotations


class Backoff:
    """Pauses between attempts to reconnect. All times are s on one clock.

    The server keeps a participant's place for 30 s after a loss (docs/protocol.md). With a longer `grace`, a
    participant who is too late gets the server's refusal.
    """

    def __init__(self, grace: float, first: float = 0.1, ceiling: float = 1.0) -> None:
        self._grace = grace
        self._first = first
        self._ceiling = ceiling
        self._since: float | None = None
        self._wait = first

    def next(self, now: float) -> float | None:
        """Return the pause before the next attempt, or None when `grace` is over."""
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
        """Let the next failure start anew, with the whole `grace`."""
        self._since = None
