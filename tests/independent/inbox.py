"""Messages in the order they came, with their arrival times, and a way to wait for one."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """One message and when it came, in seconds of `time.monotonic`."""

    at: float
    message: Message


class Inbox:
    """Keeps every message of one socket or one data channel."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._news = asyncio.Event()

    def put(self, message: Message) -> None:
        self.received.append(Received(time.monotonic(), message))
        self._news.set()

    def of(self, type_: str, **fields: Any) -> list[Message]:
        """All messages so far of this type whose fields have these values."""
        return [r.message for r in self.received if _matches(r.message, type_, fields)]

    async def nth(self, index: int, *, timeout: float = 30.0) -> Message:
        """The message at this place in the order of arrival; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while len(self.received) <= index:
                self._news.clear()
                await self._news.wait()
        return self.received[index].message

    async def count(self, type_: str, number: int, *, timeout: float = 30.0) -> bool:
        """Wait until this many messages of the type are here; False where patience ends before."""
        try:
            async with asyncio.timeout(timeout):
                while len(self.of(type_)) < number:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def wait_for(self, type_: str, *, after: int = 0, timeout: float = 60.0, **fields: Any) -> Message:
        """The first message of this type and these fields from place `after` on; raises TimeoutError."""
        position = after
        try:
            async with asyncio.timeout(timeout):
                while True:
                    while position < len(self.received):
                        message = self.received[position].message
                        position += 1
                        if _matches(message, type_, fields):
                            return message
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            got = [r.message for r in self.received[after:] if r.message.get("type") == type_]
            types = [r.message.get("type") for r in self.received[after:]]
            raise TimeoutError(f"no {type_} {fields} in {timeout} s but {got}, of {types}") from None


def _matches(message: Message, type_: str, fields: dict[str, Any]) -> bool:
    return message.get("type") == type_ and all(message.get(k) == v for k, v in fields.items())
