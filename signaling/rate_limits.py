"""Rate limits as exact sliding windows over bounded memory. No clock inside: `now` is an argument, in seconds."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` events in any `seconds`."""

    count: int
    seconds: float


class RateLimiter(Protocol):
    """A `Rate` for each key.

    Synchronous, because no other request may come between asking and counting. An implementation that several
    servers share counts here at once and exchanges its counts in the background.
    """

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until one more event of `key` is allowed: 0 if it is allowed now."""
        ...

    def consume(self, key: str, now: float) -> float:
        """Return the same as `wait`, and count the event if it is allowed now."""
        ...

    def count(self, key: str, now: float) -> None:
        """Count an event of `key` that has happened, allowed or not."""
        ...


MOST_AHEAD = 16
"""Windows ahead that what happened elsewhere can take from a key."""


class SlidingWindow:
    """Times of one key's events in the last `rate.seconds`; at most `rate.count` of them, and what was charged."""

    __slots__ = ("_rate", "_times")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._times: list[float] = []  # a tenth of an empty deque, and there is one for each client

    def wait(self, now: float) -> float:
        """Return the seconds until one more event is allowed: 0 if it is allowed now."""
        self._expire(now)
        if len(self._times) < self._rate.count:
            return 0.0
        return self._times[-self._rate.count] + self._rate.seconds - now if self._times else self._rate.seconds

    def count(self, now: float) -> None:
        """Count an event, allowed or not. Events beyond the limit leave no trace."""
        self._expire(now)
        if len(self._times) < self._rate.count:
            insort(self._times, now)  # what was charged may be later

    def charge(self, now: float) -> None:
        """Count an event that was allowed elsewhere. Where the limit is reached, it takes the place of a later one."""
        self._expire(now)
        count = self._rate.count
        if len(self._times) < count:
            insort(self._times, now)
        elif 0 < count * MOST_AHEAD > len(self._times):
            self._times.append(self._times[-count] + self._rate.seconds)

    def consume(self, now: float) -> float:
        """Return the same as `wait`, and count the event if it is allowed now."""
        wait = self.wait(now)
        if wait <= 0:
            self.count(now)
        return wait

    def _expire(self, now: float) -> None:
        del self._times[: bisect_right(self._times, now - self._rate.seconds)]


class LocalRateLimiter:
    """RateLimiter of this process for at most `keys` keys. The key without events for longest is removed first."""

    __slots__ = ("_keys", "_rate", "_windows")

    def __init__(self, rate: Rate, keys: int = 20_000) -> None:
        self._rate = rate
        self._keys = keys
        self._windows: OrderedDict[str, SlidingWindow] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        window = self._windows.get(key)
        if window is not None:
            return window.wait(now)
        return 0.0 if self._rate.count > 0 else self._rate.seconds

    def consume(self, key: str, now: float) -> float:
        return self._window(key).consume(now)

    def count(self, key: str, now: float) -> None:
        self._window(key).count(now)

    def charge(self, key: str, now: float) -> None:
        """Count an event of `key` that was allowed elsewhere: see `SlidingWindow.charge`."""
        self._window(key).charge(now)

    def __len__(self) -> int:
        return len(self._windows)

    def _window(self, key: str) -> SlidingWindow:
        window = self._windows.get(key)
        if window is None:
            while len(self._windows) >= self._keys:
                self._windows.popitem(last=False)
            window = self._windows[key] = SlidingWindow(self._rate)
        self._windows.move_to_end(key)
        return window


def retry_after(wait: float) -> int:
    """Return the whole seconds of a Retry-After header (RFC 9110, 10.2.3), at least 1."""
    return max(1, ceil(wait))
