"""Atomic operations of a node in Redis, each by a Lua script: how nodes of several machines share sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nodes import lua
from nodes.steps import UNREAD_MS, Away, Located, Result
from remote.connection import AWAY, Client, in_words


class RedisSteps:
    """`Steps` of the node `name`, whose process is told from earlier ones by `token`."""

    def __init__(self, redis: Client, name: str, token: str, life_ms: int) -> None:
        """`life_ms`: time after which a session that nobody writes any more is forgotten."""
        self.where = "the nodes' Redis"
        self.name = name
        self.token = token
        self._redis = redis
        self._me = (name, token)
        self._life_ms = life_ms
        known = [lua.BEAT, lua.LEAVE, lua.CLAIM, lua.LOCATE, lua.TAKE_OVER, lua.LEAVE_UNREAD, lua.SAVE, lua.HOLD]
        known += [lua.END, lua.WITHDRAWN]
        self._scripts = {text: redis.register_script(text) for text in known}

    async def beat(self, facts: str, lease_ms: int) -> tuple[Result, int, Mapping[str, str]]:
        state, now_ms, found = await self._run(lua.BEAT, *self._me, facts, lease_ms)
        texts = [one.decode(errors="replace") for one in found]
        return Result(state.decode()), now_ms, dict(zip(texts[::2], texts[1::2], strict=True))

    async def leave(self) -> None:
        await self._run(lua.LEAVE, *self._me)

    async def claim(self, session: str, code: str) -> Result:
        return Result((await self._run(lua.CLAIM, *self._me, session, code, self._life_ms)).decode())

    async def locate(self, name: str) -> Located | bytes | Result | None:
        found = await self._run(lua.LOCATE, *self._me, name)
        if found is None or isinstance(found, bytes):
            return found
        if len(found) == 1:
            return Result.LAPSED
        session, code, node, token, facts, record = (None if one is None else one.decode() for one in found)
        return Located(session or "", code or "", node or "", token or "", facts, record or "")

    async def take_over(self, session: str) -> tuple[Result, str, bytes, str]:
        result, *rest = await self._run(lua.TAKE_OVER, *self._me, session, self._life_ms)
        code, record, unread = rest or (b"", b"", b"")
        return Result(result.decode()), code.decode(), record, unread.decode(errors="replace")

    async def leave_unread(self, session: str, text: str) -> Result:
        return Result((await self._run(lua.LEAVE_UNREAD, *self._me, session, text, UNREAD_MS)).decode())

    async def save(self, session: str, record: str) -> Result:
        return Result((await self._run(lua.SAVE, *self._me, session, record, self._life_ms)).decode())

    async def hold(self, session: str, code: str, record: str) -> tuple[Result, str]:
        result, *owner = await self._run(lua.HOLD, *self._me, session, code, record, self._life_ms)
        return Result(result.decode()), owner[0].decode() if owner else ""

    async def end(self, session: str, code: str, record: str, remembered_ms: int, *, withdrawn: bool = False) -> Result:
        given = session, code, record, max(1, remembered_ms), int(withdrawn)
        return Result((await self._run(lua.END, *self._me, *given)).decode())

    async def withdrawn(self) -> list[str]:
        return [one.decode() for one in await self._run(lua.WITHDRAWN)]

    async def left_by(self, node: str) -> list[str]:
        with _away_in_words():
            return [one.decode() for one in await self._redis.smembers(f"{lua.ROOMS}of:{node}")]

    async def forget(self, node: str) -> None:
        with _away_in_words():
            async with self._redis.pipeline(transaction=True) as asked:
                asked.hdel(f"{lua.ROOMS}facts", node)
                asked.delete(f"{lua.ROOMS}of:{node}")
                await asked.execute()

    async def _run(self, text: str, *arguments: str | int) -> Any:
        with _away_in_words():
            return await self._scripts[text](keys=[], args=list(arguments))


@contextmanager
def _away_in_words() -> Iterator[None]:
    """Raise Away for what Redis does not do."""
    try:
        yield
    except AWAY as error:
        raise Away(in_words(error)) from None
