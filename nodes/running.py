"""Runs this server as one of several nodes, for as long as it serves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from nodes.counts import Exchange, SharedCounts
from nodes.directory import SharedDirectory
from nodes.ledger import Ledger
from nodes.presence import LeaseOptions, Presence
from nodes.steps import Steps


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """Options of one node."""

    name: str
    websocket_url: Callable[[str], str | None]
    """(name of a node) → its WebSocket as clients reach it; None where all have one address."""
    session_life_s: float
    """Longest time for which a session may live."""
    random_code: Callable[[], str]
    lease: LeaseOptions = field(default_factory=LeaseOptions)


@dataclass(frozen=True, slots=True)
class Node:
    """Parts of a node that its server uses."""

    directory: SharedDirectory
    ledger: Ledger
    presence: Presence
    counts: SharedCounts


@asynccontextmanager
async def node_over(
    steps: Steps, exchange: Exchange, options: NodeOptions, steady: Callable[[], float] = time.monotonic
) -> AsyncIterator[Node]:
    """Be one of the nodes that meet behind `steps`. Gives its lease up at the end."""
    presence = Presence(steps, options.lease, lambda: directory.load, steady)
    ledger = Ledger(steps, presence.demand_check)
    directory = SharedDirectory(steps, presence, ledger, options.websocket_url, options.random_code)
    counts = SharedCounts(exchange, steady)
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
