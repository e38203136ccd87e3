"""Exchanges counts of nodes by a stream in Redis, which is never longer than half a minute."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from nodes.counts import Times
from nodes.lua import ROOMS
from nodes.steps import Away
from remote.connection import AWAY, Client, in_words

log = logging.getLogger(__name__)

MOST_READ = 1000
"""Entries of the stream that are read at a time."""
KEPT_MS = 30_000
"""Time after which counts are gone from Redis: each node has read them."""
_STREAM = f"{ROOMS}counts"


class RedisExchange:
    """`Exchange` of the node whose process has `token`."""

    def __init__(self, redis: Client, token: str) -> None:
        self._redis = redis
        self._token = token
        self._read = "0"
        """Id of the stream's last entry that was read."""

    async def exchange(self, said: Sequence[Times]) -> Sequence[Times]:
        try:
            if said:
                await self._say(said)
            return await self._hear()
        except AWAY as error:
            raise Away(in_words(error)) from None

    async def _say(self, said: Sequence[Times]) -> None:
        seconds, _ = await self._redis.time()
        oldest = f"{seconds * 1000 - KEPT_MS}-0"
        fields = {"from": self._token, "counts": json.dumps(said, separators=(",", ":"))}
        async with self._redis.pipeline(transaction=False) as asked:
            asked.xadd(_STREAM, fields, minid=oldest, approximate=True)
            asked.pexpire(_STREAM, KEPT_MS)
            await asked.execute()

    async def _hear(self) -> list[Times]:
        answer = await self._redis.xread({_STREAM: self._read}, count=MOST_READ)
        heard: list[Times] = []
        for entry, fields in (answer or [(b"", [])])[0][1]:
            self._read = entry.decode()
            try:
                if fields.get(b"from", b"").decode() != self._token:
                    found = json.loads(fields.get(b"counts", b"[]"))
                    heard += [(str(name), str(key), int(times)) for name, key, times in found]
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as problem:
                log.warning("counts of another node can't be read", extra={"problem": type(problem).__name__})
        return heard
