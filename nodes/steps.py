"""Atomic operations of a node in Redis: renew its lease, claim a code, find, take over, save or end a session.

Each raises an error of `remote.connection.AWAY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nodes import lua
from remote.connection import Client


class Result(StrEnum):
    """Outcome of a step."""

    NEW = "new"
    """The name was nobody's, and is this node's now."""
    RENEWED = "renewed"
    TAKEN = "taken"
    """Another process has the name; of a session: it is this node's now."""
    CLAIMED = "claimed"
    USED = "used"
    """Another session has the code."""
    LAPSED = "lapsed"
    """This node's lease has run out."""
    GONE = "gone"
    HELD = "held"
    """Its owner lives, or is this node."""
    LOST = "lost"
    """Another node has it."""
    SAVED = "saved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Located:
    """A live session as Redis knows it.

    `facts`: those of its node; None once that is gone, and then there is the session's `record`.
    """

    session: str
    code: str
    node: str
    token: str
    facts: str | None
    record: str


class Steps:
    """Steps of the node `name`, whose process is told from earlier ones by `token`."""

    def __init__(self, redis: Client, name: str, token: str, life_ms: int) -> None:
        """`life_ms`: time after which a session that nobody writes any more is forgotten."""
        self.name = name
        self.token = token
        self._redis = redis
        self._me = (name, token)
        self._life_ms = life_ms
        known = (lua.BEAT, lua.LEAVE, lua.CLAIM, lua.LOCATE, lua.TAKE_OVER, lua.SAVE, lua.HOLD, lua.END, lua.WITHDRAWN)
        self._scripts = {text: redis.register_script(text) for text in known}

    async def beat(self, facts: str, lease_ms: int) -> tuple[Result, int, Mapping[str, str]]:
        """Take or renew the lease. Return the result, Redis's clock in ms, and the facts of all nodes."""
        state, now_ms, found = await self._run(lua.BEAT, *self._me, facts, lease_ms)
        texts = [one.decode(errors="replace") for one in found]
        return Result(state.decode()), now_ms, dict(zip(texts[::2], texts[1::2], strict=True))

    async def leave(self) -> None:
        """Give the lease up, and with it all sessions."""
        await self._run(lua.LEAVE, *self._me)

    async def claim(self, session: str, code: str) -> Result:
        """Reserve a code, and make the session this node's."""
        return Result((await self._run(lua.CLAIM, *self._me, session, code, self._life_ms)).decode())

    async def locate(self, name: str) -> Located | bytes | Result | None:
        """Return a live session by id or code, the record of one that has ended, or None.

        LAPSED where Redis knows nothing of it, and nothing of this node either: it has forgotten all.
        """
        found = await self._run(lua.LOCATE, *self._me, name)
        if found is None or isinstance(found, bytes):
            return found
        if len(found) == 1:
            return Result.LAPSED
        session, code, node, token, facts, record = (None if one is None else one.decode() for one in found)
        return Located(session or "", code or "", node or "", token or "", facts, record or "")

    async def take_over(self, session: str) -> tuple[Result, str, bytes]:
        """Make a vacant session this node's. Return the result, and its code and record where it is TAKEN."""
        result, *rest = await self._run(lua.TAKE_OVER, *self._me, session, self._life_ms)
        code, record = rest or (b"", b"")
        return Result(result.decode()), code.decode(), record

    async def save(self, session: str, record: str) -> Result:
        """Write the record of a session that is this node's."""
        return Result((await self._run(lua.SAVE, *self._me, session, record, self._life_ms)).decode())

    async def hold(self, session: str, code: str, record: str) -> tuple[Result, str]:
        """Make sure that a session is this node's. Return HELD, or LOST and the node that has it."""
        result, *owner = await self._run(lua.HOLD, *self._me, session, code, record, self._life_ms)
        return Result(result.decode()), owner[0].decode() if owner else ""

    async def end(self, session: str, code: str, record: str, remembered_ms: int, *, withdrawn: bool = False) -> Result:
        """End a session that is this node's. Without a `record` of its end nobody remembers it.

        `withdrawn`: its people have withdrawn from its history, and `withdrawn()` is to return the record.
        """
        given = session, code, record, max(1, remembered_ms), int(withdrawn)
        return Result((await self._run(lua.END, *self._me, *given)).decode())

    async def withdrawn(self) -> list[str]:
        """Return the records of ended sessions, of any node, whose people have withdrawn from their histories."""
        return [one.decode() for one in await self._run(lua.WITHDRAWN)]

    async def left_by(self, node: str) -> list[str]:
        """Return the sessions that a node had, those that others have taken over excepted."""
        return [one.decode() for one in await self._redis.smembers(f"{lua.ROOMS}of:{node}")]

    async def forget(self, node: str) -> None:
        """Forget a node that left nothing behind."""
        async with self._redis.pipeline(transaction=True) as asked:
            asked.hdel(f"{lua.ROOMS}facts", node)
            asked.delete(f"{lua.ROOMS}of:{node}")
            await asked.execute()

    async def _run(self, text: str, *arguments: str | int) -> Any:
        return await self._scripts[text](keys=[], args=list(arguments))
