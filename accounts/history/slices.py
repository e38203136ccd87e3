"""Parts long work of a thread beside the event loop into slices of a millisecond, with rests for the loop.

Python runs one thread at a time: one that never waits keeps the loop from its frames for 5 ms again and again. Such a
thread is not niced. On a busy machine it would be put aside while the loop waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

SLICE_S = 0.001
REST_S = 0.001


def rest() -> None:
    """Let other threads run."""
    time.sleep(REST_S)


def in_slices(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, and rest once a slice of work on them is over. For threads; the event loop must not wait."""
    began = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - began >= SLICE_S:
            rest()
            began = time.perf_counter()
