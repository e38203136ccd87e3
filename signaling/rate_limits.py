"""Rate limits: exact sliding windows over bounded memory. No clock inside: `now` is an argument, in seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any `seconds`."""

    count: int
    seconds: float


class Window:
    """One key's events in the last `rate.seconds`: at most `rate.count` times are kept."""

    __slots__ = ("_rate", "_times")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._times: list[float] = []  # a tenth of an empty deque, and there is one for each client

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed: 0 when it is allowed now."""
        self._forget(now)
        if len(self._times) < self._rate.count:
            return 0.0
        return self._times[0] + self._rate.seconds - now if self._times else self._rate.seconds

    def count(self, now: float) -> None:
        """One happened, allowed or not; beyond the limit it is not remembered."""
        self._forget(now)
        if len(self._times) < self._rate.count:
            self._times.append(now)

    def take(self, now: float) -> float:
        """`wait`, and count it when it is allowed."""
        wait = self.wait(now)
        if wait <= 0:
            self.count(now)
        return wait

    def _forget(self, now: float) -> None:
        del self._times[: bisect_right(self._times, now - self._rate.seconds)]


class Limit:
    """A `Rate` for each key. Holds `keys` of them: the one that was quiet for longest is forgotten first."""

    __slots__ = ("_keys", "_rate", "_windows")

    def __init__(self, rate: Rate, keys: int = 20_000) -> None:
        self._rate = rate
        self._keys = keys
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until one more of `key` is allowed: 0 when it is allowed now."""
        window = self._windows.get(key)
        return window.wait(now) if window else 0.0 if self._rate.count > 0 else self._rate.seconds

    def take(self, key: str, now: float) -> float:
        """`wait`, and count it when it is allowed."""
        return self._window(key).take(now)

    def count(self, key: str, now: float) -> None:
        """One of `key` happened, allowed or not."""
        self._window(key).count(now)

    def __len__(self) -> int:
        return len(self._windows)

    def _window(self, key: str) -> Window:
        window = self._windows.get(key)
        if window is None:
            while len(self._windows) >= self._keys:
                self._windows.popitem(last=False)
            window = self._windows[key] = Window(self._rate)
        self._windows.move_to_end(key)
        return window


def retry_after(wait: float) -> int:
    """The whole seconds of a Retry-After header (RFC 9110, 10.2.3), at least 1."""
    return max(1, ceil(wait))
