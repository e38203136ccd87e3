"""Nodes with a scripted room behind each, all in this process, over a real Redis. A test says when time passes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from nodes.lua import ROOMS
from nodes.over_redis import running_node
from nodes.presence import LeaseOptions
from nodes.running import Node, NodeOptions
from remote.connection import connect
from signaling.sessions.directory import random_code
from signaling.tokens import AccessClaims, Tokens
from tests.kit.moved_clock import until
from tests.kit.redis_server import RedisServer
from tests.kit.signaling_server import Client, Front, open_front

KEY = b"the one key of all nodes that these tests run"
LEASE_S = 600.0
NEVER_S = 1e6
PUBLIC = "wss://call.example/ws"


def websocket_of(name: str) -> str:
    """Return the WebSocket of a node as clients are given it."""
    return f"{PUBLIC}/{name}"


@dataclass
class Clock:
    """A node's steady clock, seconds."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class HereNode:
    """A node of this process. It shows a sign of life at its start, and then when `beat` is called."""

    name: str
    node: Node
    front: Front
    clock: Clock
    redis: RedisServer

    async def beat(self) -> None:
        """Show a sign of life."""
        await self.node.presence.beat(self.node.directory)

    async def lapse(self) -> None:
        """Let the lease run out, in Redis and by the node's own clock."""
        self.clock.ahead += LEASE_S
        redis = connect(self.redis.url)
        assert await redis.delete(f"{ROOMS}node:{self.name}") == 1
        await redis.hset(f"{ROOMS}facts", self.name, "1 {}")  # a sign of life of long ago
        await redis.aclose()

    def person(self, name: str) -> Client:
        """Return somebody with an access token, whom no request had to make."""
        user = f"u_{name}"
        return Client(self.front, Tokens(KEY).issue_access(AccessClaims(user, name), time.time()), user)


@asynccontextmanager
async def node_here(
    redis: RedisServer, name: str, *, random_code: Callable[[], str] = random_code, leaves: bool = True, **front: Any
) -> AsyncIterator[HereNode]:
    """Run a node that has been there for the time of a lease. Without `leaves` it ends as a killed process does.

    `front` are arguments of `open_front`.
    """
    clock = Clock()
    options = NodeOptions(name, websocket_of, 3600, random_code, LeaseOptions(LEASE_S, NEVER_S))
    async with running_node(options, redis.url, clock) as node:
        if not leaves:
            node.presence.leave = _nothing  # type: ignore[method-assign]
        async with open_front(node=node, key=KEY, abandon=not leaves, **front) as opened:
            here = HereNode(name, node, opened, clock, redis)
            await until(lambda: node.presence.holds)
            clock.ahead += LEASE_S
            await here.beat()
            assert node.presence.holds and node.presence.sure
            yield here


async def _nothing() -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def two_nodes(redis: RedisServer, **front: Any) -> AsyncIterator[tuple[HereNode, HereNode]]:
    """Run nodes `a` and `b`, which know of one another."""
    async with node_here(redis, "a", **front) as a, node_here(redis, "b", **front) as b:
        await a.beat()
        yield a, b


async def join_at(node: HereNode, person: Client, code: str) -> tuple[int, Any]:
    """Let a person ask this node to join by a code."""
    return await node.front.call("POST", "/sessions/join", {"sessionCode": code, "language": "en"}, person.token)


async def pair_over(a: HereNode, b: HereNode) -> tuple[Client, Client]:
    """Make a call at `a` that its second person joins by `b`; both sockets are at `a`."""
    ana, bo = a.person("ana"), b.person("bo")
    await ana.create("es")
    await bo.join(ana.code, "en")
    bo.front = a.front
    for one in (ana, bo):
        await one.open()
        await one.hear("session_joined")
    await ana.hear("session_paired")
    return ana, bo
