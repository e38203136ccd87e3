"""Upkeep of calls: data keys get the operator's newest key, and what is too old is deleted, every hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from accounts.history.operator_keys import OperatorKeys, Unreadable
from storage.accounts.ports import AccountStore, Histories

log = logging.getLogger(__name__)

EVERY_S = 3600.0
AT_ONCE = 100
"""Data keys of one look into the database."""


async def rewrap(histories: Histories, keys: OperatorKeys) -> tuple[int, int]:
    """Wrap every data key by the newest key of the operator. Return how many were, and how many can't be opened.

    In the end a look has found no other one that is wrapped by another key. Raises Unavailable.
    """
    done = 0
    unreadable: set[str] = set()
    while keys:
        # Those that can't be opened come again and again: as many more are asked for.
        found = await histories.keys_not_wrapped_by(keys.newest, AT_ONCE + len(unreadable))
        fresh = [one for one in found if one.session not in unreadable]
        if not fresh:
            break
        for key in fresh:
            try:
                done += await histories.rewrap(key, keys.rewrapped(key))
            except Unreadable:
                unreadable.add(key.session)
    return done, len(unreadable)


async def keep_up(
    store: AccountStore,
    keys: OperatorKeys,
    longest_ms: int,
    now_ms: Callable[[], int],
    every_s: float = EVERY_S,
) -> None:
    """Delete what is too old, and rewrap, again and again until cancelled. Never fails.

    `longest_ms`: time for which this server keeps calls and entries at most. Those that were written under a longer
    one follow.
    """
    histories, rewrapping = store.histories, Rewrapping(store.histories, keys)

    async def shorten() -> None:
        shortened = await histories.shorten(longest_ms)
        if shortened:
            log.info("entries of histories are kept for less time", extra={"count": shortened})

    async def expire() -> None:
        expired = await histories.expire(now_ms())
        if expired:
            log.info("entries of histories expired", extra={"count": expired})

    async def expire_calls() -> None:
        expired = await store.calls.expire(now_ms() - longest_ms)
        if expired:
            log.info("calls expired", extra={"count": expired})

    shortened = False
    while True:
        shortened = shortened or await _done(shorten())
        await _done(expire())
        await _done(expire_calls())
        await _done(rewrapping.look())
        await asyncio.sleep(every_s)


class Rewrapping:
    """Wraps data keys anew at each look, and notifies the operator of what has changed since the last one.

    Another server of the database may have other keys, and wrap by one of these at any time.
    """

    def __init__(self, histories: Histories, keys: OperatorKeys) -> None:
        self._histories = histories
        self._keys = keys
        self._looked = False
        self._unreadable = 0

    async def look(self) -> None:
        """Rewrap. Raises Unavailable."""
        done, unreadable = await rewrap(self._histories, self._keys)
        if done and self._looked:
            log.warning(
                "another server of this database seals histories by an older key: give every server the same "
                "DRAGOMAN_HISTORY_KEY",
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


async def _done(work: Coroutine[object, object, None]) -> bool:
    """True if the work could be done. None of them keeps another from its turn."""
    try:
        await work
    # The boundary between a chore and the server: it is done another time.
    except Exception as problem:  # noqa: BLE001
        why = {"problem": type(problem).__name__}
        log.warning("calls could not be looked after; once more later", extra=why)
        return False
    return True
