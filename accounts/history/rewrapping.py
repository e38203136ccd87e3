"""Wraps data keys by the operator's newest key, and decides when another server's order of keys goes before ours."""

from __future__ import annotations

import logging

from accounts.history.operator_keys import OperatorKeys, Unreadable
from storage.accounts.ports import Histories

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Data keys of one look into the database."""
REMEMBERED = 16
"""Sessions that are remembered of a look: a server with another order of keys takes back these with all others."""


class Rewrapping:
    """Wraps data keys anew at each look, and notifies the operator of what has changed since the last one.

    Another server of the database may have other keys, and wrap by one of these at any time. Two that have the same
    keys in another order would take back each other's for ever. The one that finds its own taken back wraps no more,
    until they are as it left them.
    """

    def __init__(self, histories: Histories, keys: OperatorKeys) -> None:
        self._histories = histories
        self._keys = keys
        self._looked = False
        self._unreadable = 0
        self._wrapped: list[str] = []
        self._yields = False

    def __repr__(self) -> str:
        return f"<Rewrapping, {self._unreadable} unreadable{', yields' if self._yields else ''}>"

    async def look(self) -> None:
        """Wrap data keys anew by the newest key, a few at each look. Raises Unavailable."""
        if not self._keys:
            return
        if await self._taken_back() or await self._rewrap():
            if not self._yields:
                log.error(
                    "another server of this database has the keys of DRAGOMAN_HISTORY_KEY in another order: this one "
                    "seals nothing anew, and no key may go; give every server the same order"
                )
            self._yields = True
        else:
            self._yields = False

    async def _taken_back(self) -> bool:
        """True if what was wrapped here is wrapped by another one of our keys: another server has that, too."""
        for session in self._wrapped:
            key = await self._histories.key(session)
            if key is not None and key.wrapped_by != self._keys.newest and self._keys.has(key.wrapped_by):
                return True
        return False

    async def _rewrap(self) -> bool:
        """Wrap every data key by the newest one. True if another server takes them back meanwhile."""
        done, wrapped = 0, list[str]()
        unreadable: set[str] = set()
        taken_back = False
        # Those that can't be opened come again and again: as many more are asked for.
        while found := await self._histories.keys_not_wrapped_by(self._keys.newest, AT_ONCE + len(unreadable)):
            fresh = [one for one in found if one.session not in unreadable]
            taken_back = any(one.session in wrapped for one in fresh)
            if taken_back or not fresh:
                break
            for key in fresh:
                try:
                    changed = await self._histories.rewrap(key, self._keys.rewrapped(key))
                except Unreadable:
                    unreadable.add(key.session)
                    continue
                done += changed
                if changed and len(wrapped) < REMEMBERED:
                    wrapped.append(key.session)
        self._wrapped = wrapped or self._wrapped
        if not taken_back:
            self._notify(done, len(unreadable))
        return taken_back

    def _notify(self, done: int, unreadable: int) -> None:
        """Notify the operator: `done` keys were wrapped, and as many as `unreadable` can't be opened."""
        if done and self._looked:
            log.warning(
                "another server of this database seals histories by another key than the newest one here: give every "
                "server the same DRAGOMAN_HISTORY_KEY",
                extra={"count": done},
            )
        if unreadable and unreadable != self._unreadable:
            log.error("histories are sealed by a key that is not in DRAGOMAN_HISTORY_KEY", extra={"count": unreadable})
        if done and not unreadable:
            log.info(
                "no history is sealed by an older key now; older keys may go once every server of this database has "
                "been started with the newest one",
                extra={"count": done},
            )
        self._looked, self._unreadable = True, unreadable
