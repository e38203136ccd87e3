"""Connection to Redis: bounds of each wait, and which errors mean that it is away."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

Client: TypeAlias = Any
"""A client of redis-py, whose own types of results are those of all its clients at once."""

AWAY = (RedisError, OSError)
"""Errors after which nothing is known of what Redis did. A refusal (`ResponseError`) is among them."""

ANSWER_S = 2.0
"""Time within which Redis answers, or is taken to be away."""
BLOCK_MS = 1000
"""Longest wait of a blocking command; `ANSWER_S` counts from its beginning."""
_CONNECTIONS = 64


class _BoundedPipeline(Pipeline):
    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        async with asyncio.timeout(ANSWER_S):
            return await super().execute(raise_on_error)


class _BoundedRedis(Redis):
    """A client whose commands end within `ANSWER_S`.

    The `socket_timeout` of redis-py sends by `asyncio.wait_for`, which before Python 3.12 may swallow a cancellation.
    """

    async def execute_command(self, *arguments: Any, **options: Any) -> Any:
        async with asyncio.timeout(ANSWER_S):
            return await super().execute_command(*arguments, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        return _BoundedPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


def connect(url: str) -> Client:
    """Return a client of the Redis at `url`. Nothing is connected yet. Raises ValueError for a bad URL."""
    pool = BlockingConnectionPool.from_url(
        url,
        protocol=2,
        socket_timeout=None,
        socket_connect_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),  # a command that is sent twice may be done twice: who asks decides
        max_connections=_CONNECTIONS,
        timeout=ANSWER_S,
    )
    return _BoundedRedis.from_pool(pool)


def in_words(error: BaseException) -> str:
    """Return the reason in words, without addresses and commands."""
    if isinstance(error, ResponseError):
        return f"it refuses: {str(error).partition(' ')[0]}"
    return type(error).__name__
