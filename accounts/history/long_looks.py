"""Decides which searches and exports run: few at once, some wait in a line, and others are refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LongLookOptions:
    """Options of searches and exports of one server."""

    at_once: int = 2
    """Looks that run at once."""
    waiting: int = 8
    """Looks that may wait."""
    of_one: int = 2
    """Looks of one person, those that wait included."""


class LineFull(Exception):
    """A search or an export for which there is no place in the line now."""


class LongLooks:
    """Line of searches and exports: each opens many histories, and holds an answer of some size in memory."""

    def __init__(self, options: LongLookOptions | None = None) -> None:
        self._options = options or LongLookOptions()
        self._running = asyncio.Semaphore(self._options.at_once)
        self._users: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"<LongLooks {self._users.total()} in the line>"

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncIterator[None]:
        """Wait for a turn, and hold it. Raises LineFull at once."""
        options = self._options
        if self._users.total() >= options.at_once + options.waiting or self._users[user] >= options.of_one:
            raise LineFull
        self._users[user] += 1
        try:
            async with self._running:
                yield
        finally:
            self._users[user] -= 1
            if not self._users[user]:
                del self._users[user]
