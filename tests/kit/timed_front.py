"""A signaling server whose time a test moves on, and people who vanish from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from signaling.config import SignalingOptions
from tests.kit.moved_clock import MovedClock, until
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front

GRACE_S = 300.0
OPTIONS = SignalingOptions(limits=GENEROUS, grace_s=GRACE_S, ping_every_s=1e6, close_handshake_s=0.3)


@asynccontextmanager
async def timed_front(path: Any = ":memory:", **options: Any) -> AsyncIterator[tuple[Front, MovedClock]]:
    """Yield the server and its clock. `options` are those of signaling."""
    clock = MovedClock()
    async with open_front(replace(OPTIONS, **options), path=path, idle_s=1e6, steady=clock, wall=clock.wall) as front:
        yield front, clock


async def vanished(one: Client) -> None:
    """Let somebody vanish; return once the server knows."""
    before = len(one.front.sessions.connections)
    await one.vanish()
    await until(lambda: len(one.front.sessions.connections) < before)
