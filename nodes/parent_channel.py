"""Carries the steps of a process to its parent and the answers back: lines of JSON through a Unix socket."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nodes.counts import Times
from nodes.steps import Away, Located, Result

log = logging.getLogger(__name__)

ANSWER_S = 2.0
"""Time within which the parent answers, or is taken to be away."""
LONGEST_LINE = 2**24
"""Bytes of the longest line: the records of all that had ended."""

Answers = Mapping[str, Callable[..., Any]]
"""Functions of a parent by the name of the step. Each gets what stands behind the name, and returns plain JSON."""


class ParentChannel:
    """`Steps` and `Exchange` of the process `name`, whose parent is at the other end of a socket."""

    where = "the parent process"

    def __init__(self, name: str, token: str, lost: Callable[[], None]) -> None:
        """`lost` is called once the parent is gone."""
        self.name = name
        self.token = token
        self._lost = lost
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    def __repr__(self) -> str:
        return f"<ParentChannel of {self.name}, {'closed' if self._writer is None else f'{len(self._asked)} asked'}>"

    async def open(self, ours: socket.socket) -> None:
        """Begin to be able to ask; `run` takes the answers."""
        self._reader, self._writer = await asyncio.open_unix_connection(sock=ours, limit=LONGEST_LINE)

    async def run(self) -> None:
        """Take answers until the parent is gone."""
        assert self._reader is not None and self._writer is not None, "not open"
        try:
            while (message := await _next(self._reader)) is not None:
                number, answer = message
                waits = self._asked.pop(number, None)
                if waits is not None and not waits.done():
                    waits.set_result(answer)
        except ConnectionError:
            log.debug("the parent process is gone in mid-answer")
        except ValueError as problem:
            log.error("what the parent process says can't be read: %s", problem)
        finally:
            self._writer.close()
            self._writer = None
            for waits in self._asked.values():
                if not waits.done():
                    waits.set_exception(Away("it is gone"))
            self._lost()

    async def ask(self, step: str, *arguments: object) -> Any:
        """Return the parent's answer. Raises Away."""
        if self._writer is None:
            raise Away("it is gone")
        number = next(self._numbers)
        waits = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                self._writer.write(json.dumps([number, step, *arguments], separators=(",", ":")).encode() + b"\n")
                await self._writer.drain()
                return await waits
        except (TimeoutError, ConnectionError) as problem:
            raise Away(type(problem).__name__) from None
        finally:
            self._asked.pop(number, None)
            waits.cancel()

    async def _step(self, step: str, *arguments: object) -> Any:
        return await self.ask(step, self.name, self.token, *arguments)

    async def beat(self, facts: str, lease_ms: int) -> tuple[Result, int, Mapping[str, str]]:
        result, now_ms, found = await self._step("beat", facts, lease_ms)
        return Result(result), now_ms, found

    async def leave(self) -> None:
        await self._step("leave")

    async def claim(self, session: str, code: str) -> Result:
        return Result(await self._step("claim", session, code))

    async def locate(self, name: str) -> Located | bytes | Result | None:
        found = await self._step("locate", name)
        if found is None:
            return None
        if isinstance(found, str):
            return found.encode()
        return Result(found[0]) if len(found) == 1 else Located(*found)

    async def take_over(self, session: str) -> tuple[Result, str, bytes, str]:
        result, *rest = await self._step("take_over", session)
        code, record, unread = rest or ("", "", "")
        return Result(result), code, record.encode(), unread

    async def leave_unread(self, session: str, text: str) -> Result:
        return Result(await self._step("leave_unread", session, text))

    async def save(self, session: str, record: str) -> Result:
        return Result(await self._step("save", session, record))

    async def hold(self, session: str, code: str, record: str) -> tuple[Result, str]:
        result, *owner = await self._step("hold", session, code, record)
        return Result(result), owner[0] if owner else ""

    async def end(self, session: str, code: str, record: str, remembered_ms: int, *, withdrawn: bool = False) -> Result:
        return Result(await self._step("end", session, code, record, max(1, remembered_ms)))

    async def withdrawn(self) -> list[str]:
        return list(await self._step("withdrawn"))

    async def left_by(self, node: str) -> list[str]:
        return list(await self._step("left_by", node))

    async def forget(self, node: str) -> None:
        await self._step("forget", node)

    async def exchange(self, said: Sequence[Times]) -> Sequence[Times]:
        return [(name, key, times) for name, key, times in await self._step("exchange", said)]


async def answer_child(ours: socket.socket, answers: Answers) -> None:
    """Answer what a child asks, in its order, until the child is gone. A question that fails gets no answer.

    A child whose questions can't be read is told nothing more: it takes its parent to be gone, and ends.
    """
    reader, writer = await asyncio.open_unix_connection(sock=ours, limit=LONGEST_LINE)
    try:
        while (message := await _next(reader)) is not None:
            number, step, *arguments = message
            try:
                answer = json.dumps([number, answers[step](*arguments)], separators=(",", ":"))
            # The boundary between one step and the parent, which holds the calls of all children.
            except Exception:
                log.exception("a step of a process failed", extra={"step": step})
                continue
            writer.write(answer.encode() + b"\n")
            await writer.drain()
    except ConnectionError:
        log.debug("a child is gone in mid-question")
    except ValueError as problem:
        log.error("what a process asks can't be read: %s", problem)
    finally:
        writer.close()


async def _next(reader: asyncio.StreamReader) -> list[Any] | None:
    """Return the next message; None once the other end is gone, though it may have been in the middle of a line.

    Raises ValueError for a line that is too long, or no message.
    """
    line = await reader.readline()
    if not line.endswith(b"\n"):
        return None
    message = json.loads(line)
    if not isinstance(message, list):
        raise ValueError("a line that is no list")
    return message
