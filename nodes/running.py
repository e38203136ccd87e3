"""Runs this server as one of several nodes, for as long as it serves."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from nodes.counts import SharedCounts
from nodes.directory import RedisDirectory
from nodes.ledger import Ledger
from nodes.presence import LeaseOptions, Presence
from nodes.steps import Steps
from remote.connection import connect


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """Options of one node."""

    name: str
    redis_url: str = field(repr=False)
    websocket_url: Callable[[str], str]
    """(name of a node) → its WebSocket as clients reach it."""
    session_life_s: float
    """Longest time for which a session may live."""
    random_code: Callable[[], str]
    lease: LeaseOptions = field(default_factory=LeaseOptions)


@dataclass(frozen=True, slots=True)
class Node:
    """Parts of a node that its server uses."""

    directory: RedisDirectory
    ledger: Ledger
    presence: Presence
    counts: SharedCounts


@asynccontextmanager
async def running_node(options: NodeOptions, steady: Callable[[], float] = time.monotonic) -> AsyncIterator[Node]:
    """Be one of the nodes that meet at a Redis, from `Node.presence.listens` on. Gives its lease up at the end."""
    redis, token = connect(options.redis_url), secrets.token_hex(8)
    steps = Steps(redis, options.name, token, int(options.session_life_s * 1000))
    presence = Presence(steps, options.lease, lambda: directory.load, steady)
    ledger = Ledger(steps, presence.demand_check)
    directory = RedisDirectory(steps, presence, ledger, options.websocket_url, options.random_code)
    counts = SharedCounts(redis, token, steady)
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(presence.run(directory)),
                tasks.create_task(ledger.run()),
                tasks.create_task(counts.run()),
            ]
            try:
                yield Node(directory, ledger, presence, counts)
                await ledger.flush()
            finally:
                for task in running:
                    task.cancel()
        await presence.leave()
    finally:
        await redis.aclose()
