"""A peer in a process of its own, driven by lines of JSON on its standard input and output."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

LINE = 1 << 20  # bytes: an answer with an SDP in it is longer than asyncio's default


class Refused(Exception):
    """A step failed: the `code` of the server's error, and the status where it was HTTP."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.status: int | None = error.get("status")


_TOLD = ("type", "code", "reason", "message", "level", "outcome", "originalText", "translatedText", "final")
"""Return the messages that came instead, for a failed test."""


class Process:
    """`await peer.do("create", "en")` runs one step of the peer and returns its value.

    `events` holds all that the peer told by itself, each with `event` and `at`, ms since 1970.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self.events: list[dict[str, Any]] = []

    async def read(self) -> None:
        """Take what the peer says until it ends; then every step that was not answered fails."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "event" in told:
                self.events.append(told)
            elif (answer := self._answers.pop(told["id"], None)) is not None and not answer.done():
                if "error" in told:
                    answer.set_exception(Refused(told["error"]))
                else:
                    answer.set_result(told["value"])
            self._wake()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(EOFError("the peer has ended"))
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def do(self, step: str, *given: Any, timeout: float = 30) -> Any:
        """Raises Refused with what the server said, EOFError if the process ends, TimeoutError."""
        assert self._process.stdin is not None
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._process.stdin.write(json.dumps({"id": number, "do": step, "with": given}).encode() + b"\n")
        async with asyncio.timeout(timeout):
            return await answer

    def messages(self, event: str, *types: str, after: int = 0, **fields: Any) -> list[dict[str, Any]]:
        """The messages of the `socket` or the `channel` (without those seen before) of these types and fields,
        among the events from place `after` on."""
        found = [e["message"] for e in self.events[after:] if e["event"] == event and not e.get("seen")]
        return [
            m
            for m in found
            if (not types or m["type"] in types) and all(m.get(name) == value for name, value in fields.items())
        ]

    async def hears(
        self, event: str, type_: str, *, count: int = 1, after: int = 0, timeout: float = 20, **fields: Any
    ) -> dict[str, Any]:
        """The `count`th such message, now or when it comes; raises AssertionError where it does not."""
        try:
            async with asyncio.timeout(timeout):
                while len(found := self.messages(event, type_, after=after, **fields)) < count:
                    await self._news.wait()
        except TimeoutError:
            heard = [{name: m[name] for name in _TOLD if name in m} for m in self.messages(event, after=after)]
            raise AssertionError(f"no {type_} {fields} in {timeout} s, but {heard}") from None
        return found[count - 1]

    async def until(self, event: str, *, timeout: float = 20, **fields: Any) -> dict[str, Any]:
        """The first event of this name and these fields."""
        async with asyncio.timeout(timeout):
            while True:
                for told in self.events:
                    if told["event"] == event and all(told.get(name) == value for name, value in fields.items()):
                        return told
                await self._news.wait()

    def kill(self) -> None:
        """End it as a crash would: it says goodbye to nobody."""
        self._process.kill()


def _log(folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "log").open("ab")


@asynccontextmanager
async def started(command: Sequence[str], folder: Path) -> AsyncIterator[Process]:
    """The peer that this command starts, ended with the block; what it complains of goes to `folder`/log."""
    with _log(folder) as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            limit=LINE,
        )
    try:
        async with asyncio.TaskGroup() as tasks:
            peer = Process(process)
            tasks.create_task(peer.read())
            try:
                yield peer
            finally:
                assert process.stdin is not None
                process.stdin.close()
                try:
                    async with asyncio.timeout(5):
                        await process.wait()
                except TimeoutError:
                    process.kill()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
