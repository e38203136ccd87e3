"""The one token bucket: an allowed rate and an allowed burst of packets, bytes, audio or messages. Pure."""

from __future__ import annotations

import math


class TokenBucket:
    """A bucket of `burst` tokens, full at first, refilled by `rate` tokens a second."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = math.inf
        """Time of the last look, s; infinite before the first one, which refills nothing."""

    def consume(self, amount: float, now: float) -> bool:
        """Take `amount` tokens at `now` (seconds of any one clock). False, and none taken, where too few are left."""
        if not self.holds(amount, now):
            return False
        self._left -= amount
        return True

    def take(self, amount: float) -> None:
        """Take `amount` tokens, which the bucket `holds` now."""
        self._left -= amount

    def holds(self, amount: float, now: float) -> bool:
        """True if `amount` tokens could be taken at `now` (seconds)."""
        passed, self._at = now - self._at, now
        if passed > 0:  # a clock that was set back refills nothing
            left = self._left + passed * self._rate
            self._left = left if left < self._burst else self._burst
        return self._left >= amount
