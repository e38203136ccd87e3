"""Runs this server as one of the nodes that meet at a Redis."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from nodes.redis_counts import RedisExchange
from nodes.redis_steps import RedisSteps
from nodes.running import Node, NodeOptions, node_over
from remote.connection import connect


@asynccontextmanager
async def running_node(
    options: NodeOptions, redis_url: str, steady: Callable[[], float] = time.monotonic
) -> AsyncIterator[Node]:
    """Be one of the nodes that meet at a Redis, from `Node.presence.listens` on. Gives its lease up at the end."""
    redis, token = connect(redis_url), secrets.token_hex(8)
    steps = RedisSteps(redis, options.name, token, int(options.session_life_s * 1000))
    try:
        async with node_over(steps, RedisExchange(redis, token), options, steady) as node:
            yield node
    finally:
        await redis.aclose()
