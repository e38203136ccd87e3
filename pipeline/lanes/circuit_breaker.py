"""Whether an engine is asked at all: not while it is known to fail. Pure but for the event that tells of it."""

from __future__ import annotations

import asyncio


class CircuitBreaker:
    """Closed, until `strikes` failures come in a row, or one that leaves the engine unfit; then open until mended."""

    def __init__(self, strikes: int = 2) -> None:
        self._most = strikes
        self._strikes = 0
        self._opened = asyncio.Event()

    @property
    def open(self) -> bool:
        """Whether the engine is to be left alone."""
        return self._opened.is_set()

    async def opens(self) -> None:
        """Returns when it is open."""
        await self._opened.wait()

    def worked(self) -> None:
        """The engine did a job."""
        self._strikes = 0

    def failed(self, *, unfit: bool) -> None:
        """The engine failed on a job; `unfit` if it can't take the next one either (it hung, died, does not load)."""
        self._strikes += 1
        if unfit or self._strikes >= self._most:
            self._opened.set()

    def mended(self) -> None:
        """The engine has shown that it works again."""
        self._strikes = 0
        self._opened.clear()
