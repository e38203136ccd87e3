"""Steps of a job in Redis that are atomic: asked for, made urgent, withdrawn, answered."""

from __future__ import annotations

from typing import Any

from remote.answer import RemoteAnswer
from remote.ask import Ask
from remote.connection import Client
from remote.keys import GROUP, Keys

STREAM_LIFE_MS = 600_000
"""Time after which a stream that nobody uses is gone."""
ENTRY_LIFE_MS = 180_000
"""Age from which an entry is trimmed off: longer than any job may wait."""
ANSWERS_LIFE_MS = 60_000
"""Time after which answers that nobody reads are gone."""
MOST_DEAD_LETTERS = 1000

# KEYS: stream, payload. ARGV: most entries (0: any number), ms of the payload, payload, fields of the entry...
_ASK = f"""
local most = tonumber(ARGV[1])
if most > 0 and redis.call('XLEN', KEYS[1]) >= most then return false end
local now = redis.call('TIME')
local oldest = now[1] * 1000 - {ENTRY_LIFE_MS}
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
local entry = redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%d', oldest), '*', unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], {STREAM_LIFE_MS})
return entry
"""

# KEYS: stream of interims, of finals. ARGV: group, entry, fields... A job that a worker has in hand stays there.
_PROMOTE = f"""
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local groups = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if type(groups) == 'table' and groups.err == nil and #groups > 0 then return false end
if redis.call('XDEL', KEYS[1], ARGV[2]) == 0 then return false end
local entry = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[2], {STREAM_LIFE_MS})
return entry
"""


class JobScripts:
    """Steps of the jobs of one kind."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis, self._keys = redis, keys
        self._ask = redis.register_script(_ASK)
        self._promote = redis.register_script(_PROMOTE)

    async def ask(self, ask: Ask, payload: bytes, stream: str, *, most: int) -> bytes | None:
        """Add a job to a stream; return the entry's id. None if `most` jobs (0: any number) are there already."""
        keys = [stream, self._keys.payload(ask.id)]
        arguments = [most, max(1, ask.left_ms), payload, *_flat(ask.as_fields())]
        entry: bytes | None = await self._ask(keys=keys, args=arguments)
        return entry

    async def promote(self, ask: Ask, stream: str, entry: bytes, finals: str) -> bytes | None:
        """Move an interim that still waits to the finals; return its new entry, None if it does not wait any more."""
        arguments = [GROUP, entry, *_flat(ask.as_fields())]
        moved: bytes | None = await self._promote(keys=[stream, finals], args=arguments)
        return moved

    async def withdraw(self, job: str, stream: str, entry: bytes) -> None:
        """Take back a job that nobody waits for any more. A worker that has it in hand goes on."""
        async with self._redis.pipeline(transaction=True) as asked:
            asked.xdel(stream, entry)
            asked.delete(self._keys.payload(job))
            await asked.execute()

    async def answer(self, asker: str, answer: RemoteAnswer, stream: str, entry: bytes) -> None:
        """Give the asker its answer, and take the job out of Redis."""
        async with self._redis.pipeline(transaction=True) as asked:
            asked.xadd(self._keys.answers(asker), answer.as_fields())
            asked.pexpire(self._keys.answers(asker), ANSWERS_LIFE_MS)
            self._close(asked, answer.job, stream, entry)
            await asked.execute()

    async def drop(self, job: str, stream: str, entry: bytes) -> None:
        """Take a job out of Redis without an answer: its asker waits no more."""
        async with self._redis.pipeline(transaction=True) as asked:
            self._close(asked, job, stream, entry)
            await asked.execute()

    async def bury(self, job: str, reason: str, deliveries: int) -> None:
        """Keep the name of a job of which engines or workers died."""
        fields: dict[Any, Any] = {"id": job, "why": reason, "deliveries": deliveries}
        await self._redis.xadd(self._keys.dead_letters, fields, maxlen=MOST_DEAD_LETTERS, approximate=True)

    def _close(self, asked: Any, job: str, stream: str, entry: bytes) -> None:
        asked.xack(stream, GROUP, entry)
        asked.xdel(stream, entry)
        asked.delete(self._keys.payload(job))


def _flat(fields: dict[str, str | int | bytes]) -> list[str | int | bytes]:
    return [part for pair in fields.items() for part in pair]
