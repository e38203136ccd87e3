"""Decides when sessions leave for the next process: all at once, when the last sentence in flight has been heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Departure:
    """Sessions that leave together: the original voice of each goes on while a sentence of another is heard."""

    def __init__(self, sessions: Iterable[str]) -> None:
        self._awaited = set(sessions)
        self._all = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Departure {len(self._awaited)} sessions awaited>"

    def finished(self, session: str) -> None:
        """Note that the session has nothing left to say, or has ended. Again is nothing."""
        self._awaited.discard(session)
        if not self._awaited:
            self._all.set()

    async def of_all(self) -> None:
        """Wait until no session is awaited any more."""
        await self._all.wait()
