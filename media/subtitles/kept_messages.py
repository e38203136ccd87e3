"""Decides which subtitles are kept for a reconnection: the newest ones, by number, age and bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

KEPT_MESSAGES = 1000
KEPT_SECONDS = 300.0
KEPT_BYTES = 1 << 20
"""UTF-8 of all texts of one participant: four times what a lively conversation says in `KEPT_SECONDS`."""


@dataclass(frozen=True, slots=True)
class Kept:
    seq: int
    at: float
    lasting: bool
    text: str


class KeptMessages:
    """Messages in the order of their numbers. At most one of them alone is longer than `KEPT_BYTES`."""

    def __init__(self) -> None:
        self._messages: deque[Kept] = deque()
        self._bytes = 0

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._messages)

    def __reversed__(self) -> Iterator[Kept]:
        return reversed(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def first_seq(self) -> int | None:
        """Number of the oldest message that is kept."""
        return self._messages[0].seq if self._messages else None

    def add(self, message: Kept) -> None:
        """Keep the newest message. The oldest ones give way to it."""
        self._messages.append(message)
        self._bytes += len(message.text.encode())
        while len(self._messages) > KEPT_MESSAGES or (self._bytes > KEPT_BYTES and len(self._messages) > 1):
            self._discard(self._messages.popleft())

    def take_back(self) -> None:
        """Keep the newest message no longer."""
        self._discard(self._messages.pop())

    def discard_old(self, now: float) -> None:
        """Discard what is older than `KEPT_SECONDS` at `now`."""
        while self._messages and self._messages[0].at < now - KEPT_SECONDS:
            self._discard(self._messages.popleft())

    def clear(self) -> None:
        self._messages.clear()
        self._bytes = 0

    def _discard(self, message: Kept) -> None:
        self._bytes -= len(message.text.encode())
