"""Decides which subtitles of a session its viewers may still read: the newest state of each line, within bounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from signaling.refusal import Code

MOST_LINES = 300
MOST_BYTES = 1 << 18
"""UTF-8 of all lines of one session, however many read them. One line alone may be longer."""
KEPT_MS = 300_000


@dataclass(frozen=True, slots=True)
class Line:
    """One message as it is sent. `seq` rises from line to line, with holes."""

    seq: int
    text: str


class SubtitlesLog:
    """Lines in the order of their numbers. A new state of a line takes the place of the one before.

    A number is about the Unix epoch ms of its line. So numbers go on rising after a restart, which keeps nothing.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        """`now_ms` returns Unix epoch milliseconds of a clock that may be set."""
        self._now_ms = now_ms
        self._lines: dict[Hashable, Line] = {}
        self._bytes = 0
        self._news = asyncio.Event()
        self.last = now_ms()
        """Number of the newest line."""
        self.lost = self.last
        """Number of the newest line that is kept no longer, though no newer state has taken its place."""

    def __repr__(self) -> str:
        return f"<SubtitlesLog {len(self._lines)} lines, {self._bytes} bytes>"

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, key: Hashable, message: Mapping[str, object]) -> None:
        """Add the newest state of the line `key`, and wake who waits."""
        seq = self.mark()
        former = self._lines.pop(key, None)
        if former is not None:
            self._bytes -= _size(former)
        line = self._lines[key] = Line(seq, _written({**message, "seq": seq}))
        self._bytes += _size(line)
        self._discard()
        self.wake()

    def mark(self) -> int:
        """Return a number that is greater than all before. Later lines have greater ones."""
        self.last = max(self.last + 1, self._now_ms())
        return self.last

    def reach(self, seq: int) -> None:
        """Let later lines have greater numbers than `seq`, also where the clock was set back since."""
        self.last = max(self.last, seq)

    def first_after(self, seq: int) -> Line | None:
        """Return the line that a reader gets who has read up to `seq`; None where there is nothing new.

        It is the `error` `gap` where something is lost in between.
        """
        if seq < self.lost:
            gap = {"type": "error", "code": Code.GAP, "message": "Lines before this one are lost."}
            return Line(self.lost, _written({**gap, "seq": self.lost}))
        found = None
        for line in reversed(self._lines.values()):
            if line.seq <= seq:
                break
            found = line
        return found

    async def changed(self) -> None:
        """Wait for the next line, or for `wake`."""
        await self._news.wait()

    def wake(self) -> None:
        """Let everybody look who waits."""
        self._news.set()
        self._news = asyncio.Event()

    def _discard(self) -> None:
        """Discard the oldest lines beyond the bounds."""
        oldest = self._now_ms() - KEPT_MS
        while len(self._lines) > 1:
            key, line = next(iter(self._lines.items()))
            if len(self._lines) <= MOST_LINES and self._bytes <= MOST_BYTES and line.seq >= oldest:
                return
            del self._lines[key]
            self._bytes -= _size(line)
            self.lost = line.seq


def _written(message: Mapping[str, object]) -> str:
    """Return the message as JSON that UTF-8 can carry: a lone surrogate becomes a question mark."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(errors="replace").decode()


def _size(line: Line) -> int:
    return len(line.text.encode())
