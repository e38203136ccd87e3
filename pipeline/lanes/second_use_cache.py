"""Cache that keeps what is asked for a second time, within bounds; least recently used goes first.

A key that came once is kept as a number alone, a hash that is another one in each process.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class SecondUseCache(Generic[Key, Kept]):
    """Values by key: at most `most`, and at most `most_bytes` together, by `size(key, kept)`."""

    def __init__(self, most: int, most_bytes: int, size: Callable[[Key, Kept], int]) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._size = size
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._once: OrderedDict[int, None] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep a value if this is the second time that it could be kept."""
        if key in self._kept:
            self._evict(key)
        elif not self._second(hash(key)):
            return
        self._kept[key] = kept
        self.bytes += self._size(key, kept)
        while len(self._kept) > self._most or self.bytes > self._most_bytes:
            self._evict(next(iter(self._kept)))

    def _second(self, number: int) -> bool:
        if number in self._once:
            del self._once[number]
            return True
        self._once[number] = None
        if len(self._once) > self._most:
            self._once.popitem(last=False)
        return False

    def _evict(self, key: Key) -> None:
        self.bytes -= self._size(key, self._kept.pop(key))
