"""Upkeep of calls: data keys get the operator's newest key, and what is too old is deleted, every hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from accounts.history.operator_keys import OperatorKeys
from accounts.history.rewrapping import Rewrapping
from storage.accounts.ports import AccountStore

log = logging.getLogger(__name__)

EVERY_S = 3600.0


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
        expired = await store.calls.expire(now_ms(), longest_ms)
        if expired:
            log.info("calls expired", extra={"count": expired})

    shortened = False
    while True:
        shortened = shortened or await _done(shorten())
        await _done(expire())
        await _done(expire_calls())
        await _done(rewrapping.look())
        await asyncio.sleep(every_s)


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
