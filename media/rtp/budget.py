"""The one token bucket: an allowed rate and an allowed burst of packets, bytes, audio or messages. Pure."""

from __future__ import annotations


class TokenBucket:
    """A bucket of `burst` tokens, full at first, refilled by `rate` tokens a second."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None

    def consume(self, amount: float, now: float) -> bool:
        """Take `amount` tokens at `now` (seconds of any one clock). False, and none taken, where too few are left."""
        if not self.holds(amount, now):
            return False
        self._left -= amount
        return True

    def holds(self, amount: float, now: float) -> bool:
        """True if `amount` tokens could be taken at `now` (seconds)."""
        # A clock that was set back refills nothing.
        elapsed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        self._left = min(self._burst, self._left + elapsed * self._rate)
        return self._left >= amount


def consume_all(now: float, *demands: tuple[TokenBucket, float]) -> bool:
    """Take each amount from its own bucket at `now` (seconds). False, and none taken, where one holds too few."""
    if not all(bucket.holds(amount, now) for bucket, amount in demands):
        return False
    return all(bucket.consume(amount, now) for bucket, amount in demands)
