"""Decides whether an access token is dead before its time: its user was deleted, locked, or has a new password."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from storage.accounts.ports import Revocations, Unavailable

log = logging.getLogger(__name__)

LONGEST_TOKEN_S = 15 * 60
"""Life of an access token: a revocation needs no longer memory."""
LOOK_EVERY_S = 5.0
"""Time between two looks for what other processes have revoked."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Time before a sign-in was looked at in the store: whatever is revoked after it kills the sign-in's token."""

    now: float
    """Unix epoch seconds."""
    revoked: Mapping[str, int]
    """Revocations that were known then."""


class Revoked:
    """Revocations in memory, written to the store, and read from it every `LOOK_EVERY_S`. Times are Unix epoch ms."""

    def __init__(self, store: Revocations, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._before: Mapping[str, int] = {}
        self._newest = 0
        self._followers: list[Callable[[], Awaitable[None]]] = []
        self.away = False
        """True while the accounts' database does not answer: from a look that failed until one that did not."""

    @property
    def users(self) -> tuple[str, ...]:
        """Users with a token that may still be dead before its time."""
        return tuple(self._before)

    def follow(self, act: Callable[[], Awaitable[None]]) -> None:
        """Call `act` after each look that `run` makes. It may raise Unavailable."""
        self._followers.append(act)

    def __len__(self) -> int:
        return len(self._before)

    async def load(self) -> None:
        """Take over what the store knows."""
        oldest = self._now_ms() - LONGEST_TOKEN_S * 1000
        self._kill(await self._store.since(oldest))
        self._before = {user: before for user, before in self._before.items() if before >= oldest}

    async def run(self) -> None:
        """Load again and again until cancelled: another server, or an operator's command, may have revoked."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.load()
                self.away = False
                for act in self._followers:
                    await act()
            except Unavailable:
                self.away = True
                log.warning("revocations can't be read now")
            except Exception:  # the boundary between this look and the server: there is another one soon
                log.exception("revocations can't be read")

    async def revoke(self, user: str) -> None:
        """Kill every access token that the user has: at once here, within seconds in other processes."""
        before = self.before()
        self.learn(user, before)
        await self._store.revoke(user, before)

    def before(self) -> int:
        """Return the moment of a revocation now: it kills every token that was issued here until now.

        That holds also where the clock was set back since then.
        """
        return max(self._now_ms(), self._newest) + 1  # a token of this millisecond may have been rounded up

    def learn(self, user: str, before: int) -> None:
        """Take over a revocation that is in the store."""
        self._kill({user: before})

    def kills(self, user: str, issued_at: float) -> bool:
        """True if a token of `user` that was issued at `issued_at` (Unix epoch seconds) is dead."""
        before = self._before.get(user)
        return before is not None and round(issued_at * 1000) <= before

    def moment(self, now: float) -> Moment:
        """Return this moment, to be taken before the store says whether somebody is signed in."""
        return Moment(now, self._before)

    def issue_at(self, user: str, moment: Moment) -> float:
        """Return the time (Unix epoch seconds) to write into a new token: `moment`, but after what was revoked then."""
        at = max(moment.now, (moment.revoked.get(user, 0) + 1) / 1000)
        self._newest = max(self._newest, round(at * 1000))
        return at

    def _kill(self, dead: Mapping[str, int]) -> None:
        # Always another mapping: a copy that somebody has taken before does not change.
        known = self._before
        self._before = {**known, **{user: max(before, known.get(user, 0)) for user, before in dead.items()}}
