"""Decides when sessions leave this process: all at once, when the last sentence in flight has been heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress

log = logging.getLogger(__name__)


class Departure:
    """Sessions that leave together: the original voice of each goes on while a sentence of another is heard.

    `leave` gives them up for others to take, with the subtitles of each that people may not have yet, and returns the
    WebSockets of nodes that do.
    """

    def __init__(self, sessions: Iterable[str], leave: Callable[[Mapping[str, str]], Awaitable[Sequence[str]]]) -> None:
        self._numbers = {session: number for number, session in enumerate(sessions)}
        self._awaited = set(self._numbers)
        self._leave = leave
        self._silent = asyncio.Event()
        self._left = asyncio.Event()
        self._urls: Sequence[str] = ()
        self._unread: dict[str, Callable[[], str]] = {}

    def __repr__(self) -> str:
        return f"<Departure {len(self._awaited)} sessions awaited>"

    def finished(self, session: str) -> None:
        """Note that the session has nothing left to say, or has ended. A second call does nothing."""
        self._awaited.discard(session)
        if not self._awaited:
            self._silent.set()

    async def lead(self, timeout: float) -> None:
        """Let all sessions leave once none is awaited any more, and after `timeout` seconds at the latest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                if self._awaited:
                    await self._silent.wait()
        if not self._left.is_set():
            self._urls = await self._leave(self._read())
            self._left.set()

    async def of_all(self, session: str, unread: Callable[[], str]) -> str | None:
        """Note that `session` has nothing left to say, and wait until all leave.

        `unread` returns its subtitles that people may not have yet; it is called when all leave. Return the WebSocket
        of the node that takes the session; None where no node does.
        """
        self._unread[session] = unread
        self.finished(session)
        await self._left.wait()
        return self._urls[self._numbers.get(session, 0) % len(self._urls)] if self._urls else None

    def _read(self) -> dict[str, str]:
        """Return the unread subtitles of each session that has some."""
        found = {}
        for session, unread in self._unread.items():
            try:
                found[session] = unread()
            # The boundary between one room and the sessions that leave with it.
            except Exception:
                log.exception("unread subtitles are lost", extra={"session": session})
        return {session: text for session, text in found.items() if text}
