"""Closing that no cancellation interrupts."""

from __future__ import annotations

import asyncio

import pytest

from media.webrtc.uncancelled import run_uncancelled
from testing.virtual_clock import virtually


@virtually
async def test_what_is_closing_is_closed_to_its_end_though_we_are_cancelled() -> None:
    closed = []

    async def close() -> None:
        await asyncio.sleep(0.05)
        closed.append(True)

    task = asyncio.ensure_future(run_uncancelled(close(), 3.0))
    for _ in range(3):
        await asyncio.sleep(0.01)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]


@virtually
async def test_closing_that_hangs_is_given_up() -> None:
    async with asyncio.timeout(60):
        await run_uncancelled(asyncio.Event().wait(), 0.05)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_in_closing_is_told_unless_the_network_is_to_blame() -> None:
    async def fail(error: Exception) -> None:
        raise error

    await run_uncancelled(fail(ConnectionResetError()), 3.0)
    with pytest.raises(KeyError):
        await run_uncancelled(fail(KeyError("x")), 3.0)
