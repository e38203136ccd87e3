"""Circuit breaker: an engine that is known to fail is not asked until it works again.

Pure but for the event and the callbacks that tell of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.types import Notify


class CircuitBreaker:
    """Closed, until `strikes` failures come in a row, or one that leaves the engine unfit. Then open until mended."""

    def __init__(self, strikes: int = 2) -> None:
        self._most = strikes
        self._strikes = 0
        self._opened = asyncio.Event()
        self._watchers: list[Notify] = []

    @property
    def open(self) -> bool:
        """True if the engine is to be left alone."""
        return self._opened.is_set()

    async def opens(self) -> None:
        """Return once it is open."""
        await self._opened.wait()

    @contextmanager
    def watched(self, opened: Notify) -> Iterator[None]:
        """Call `opened` if it opens inside the `with` statement."""
        self._watchers.append(opened)
        try:
            yield
        finally:
            self._watchers.remove(opened)

    def worked(self) -> None:
        """Note that the engine did a job."""
        self._strikes = 0

    def failed(self, *, unfit: bool) -> None:
        """Note that the engine failed on a job. `unfit`: it hung, died or does not load, and can't take the next."""
        self._strikes += 1
        if (unfit or self._strikes >= self._most) and not self.open:
            self._opened.set()
            for opened in tuple(self._watchers):
                opened()

    def mended(self) -> None:
        """Note that the engine has shown that it works again."""
        self._strikes = 0
        self._opened.clear()
