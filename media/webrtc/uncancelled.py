"""Closing that no cancellation interrupts: aiortc's `stop` hangs for ever if it is cancelled (docs/adr/0002)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def run_uncancelled(closing: Coroutine[Any, Any, None], timeout_s: float) -> None:
    """Run `closing` to its end, for at most `timeout_s` seconds, though the caller is being cancelled.

    A ConnectionError is ignored: the network is to blame. Raises all other errors of `closing`, and the caller's own
    cancellation once `closing` has ended.
    """
    # A free task: a group would cancel it along with the caller. It ends here in any case (docs/adr/0001).
    task = asyncio.ensure_future(closing)
    cancelled: asyncio.CancelledError | None = None
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not task.done() and (left := deadline - asyncio.get_running_loop().time()) > 0:
        try:
            await asyncio.wait({task}, timeout=left)
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        failure = task.exception()
        if failure is not None and not isinstance(failure, ConnectionError):
            raise failure
    if cancelled is not None:
        raise cancelled
