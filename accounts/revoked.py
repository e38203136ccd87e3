"""Decides whether an access token is dead before its time: its user was deleted, locked, or has a new password."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from storage.accounts.ports import Revocations, Unavailable

log = logging.getLogger(__name__)

LONGEST_TOKEN_S = 15 * 60
"""Life of an access token: a revocation needs no longer memory."""
LOOK_EVERY_S = 5.0
"""Time between two looks for what other processes have revoked."""


class Revoked:
    """Revocations in memory, written to the store, and read from it every `LOOK_EVERY_S`. Times are Unix epoch ms."""

    def __init__(self, store: Revocations, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._before: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._before)

    async def load(self) -> None:
        """Take over what the store knows."""
        oldest = self._now_ms() - LONGEST_TOKEN_S * 1000
        for user, before in (await self._store.since(oldest)).items():
            self._kill(user, before)
        self._before = {user: before for user, before in self._before.items() if before >= oldest}

    async def run(self) -> None:
        """Load again and again until cancelled: another server, or an operator's command, may have revoked."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.load()
            except Unavailable:
                log.warning("revocations can't be read now")
            except Exception:  # the boundary between this look and the server: there is another one soon
                log.exception("revocations can't be read")

    async def revoke(self, user: str) -> None:
        """Kill every access token that the user has: at once here, within seconds in other processes."""
        before = self._now_ms() + 1  # a token of this millisecond may have been rounded up
        self._kill(user, before)
        await self._store.revoke(user, before)

    def kills(self, user: str, issued_at: float) -> bool:
        """True if a token of `user` that was issued at `issued_at` (Unix epoch seconds) is dead."""
        before = self._before.get(user)
        return before is not None and round(issued_at * 1000) <= before

    def issue_at(self, user: str, now: float) -> float:
        """Return the time (Unix epoch seconds) to write into a new token: `now`, but after the last revocation."""
        return max(now, (self._before.get(user, 0) + 1) / 1000)

    def _kill(self, user: str, before: int) -> None:
        self._before[user] = max(before, self._before.get(user, 0))
