"""Upkeep of histories: data keys get the operator's newest key, and what is too old is deleted, every hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from accounts.history.operator_keys import OperatorKeys, Unreadable
from storage.accounts.ports import Histories

log = logging.getLogger(__name__)

EVERY_S = 3600.0
AT_ONCE = 100
"""Data keys of one look into the database."""


async def rewrap(histories: Histories, keys: OperatorKeys) -> tuple[int, int]:
    """Wrap every data key by the newest key of the operator. Return how many were, and how many can't be opened.

    Raises Unavailable.
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
    histories: Histories,
    keys: OperatorKeys,
    longest_ms: int,
    now_ms: Callable[[], int],
    every_s: float = EVERY_S,
) -> None:
    """Delete what is too old, until cancelled, and rewrap until it is done once. Never fails.

    `longest_ms`: time for which this server keeps entries at most. Those that were written under a longer one follow.
    """

    async def shorten() -> None:
        shortened = await histories.shorten(longest_ms)
        if shortened:
            log.info("entries of histories are kept for less time", extra={"count": shortened})

    async def expire() -> None:
        expired = await histories.expire(now_ms())
        if expired:
            log.info("entries of histories expired", extra={"count": expired})

    shortened = rewrapped = False
    while True:
        shortened = shortened or await _done(shorten())
        await _done(expire())
        rewrapped = rewrapped or await _done(_rewrap_and_log(histories, keys))
        await asyncio.sleep(every_s)


async def _done(work: Coroutine[object, object, None]) -> bool:
    """True if the work could be done. None of them keeps another from its turn."""
    try:
        await work
    # The boundary between a chore and the server: it is done another time.
    except Exception as problem:  # noqa: BLE001
        why = {"problem": type(problem).__name__}
        log.warning("histories could not be looked after; once more later", extra=why)
        return False
    return True


async def _rewrap_and_log(histories: Histories, keys: OperatorKeys) -> None:
    done, unreadable = await rewrap(histories, keys)
    if done:
        log.info("histories have the newest key; older keys may go", extra={"count": done})
    if unreadable:
        log.error("histories are sealed by a key that is not in DRAGOMAN_HISTORY_KEY", extra={"count": unreadable})
