"""One who hears what is synthesized, and what is told of one segment on its way to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pipeline.speech import Speech

Told = Callable[[str], None]
"""Called with `start` when the first of a speech is heard, then with `end` when the last is. Where it is dropped, or
its rest, `skipped` is the last that is told."""


class Listener(Protocol):
    """The pipeline's only view of the far side."""

    participant: str
    language: str
    voice: str
    interruptions: int
    """How often they have taken the word from the interpreter, so that what was on its way to them was dropped."""

    @property
    def backlog_ms(self) -> float:
        """How much is queued for this ear."""
        ...

    def play(self, speech: Speech, told: Told) -> None:
        """Queue speech, also where it has no sound: nothing is told before the turn of what it is told of."""
        ...

    def drop(self, told: Told) -> None:
        """Take what was queued with this `told`, and has not begun, out of the queue; nothing is told of it."""
        ...


@dataclass(slots=True, eq=False)
class SegmentDelivery:
    """A segment comes to a listener in chunks. Of them the first start and the last end are told, or else that the
    segment is skipped; once it is over, nothing.

    A segment is heard from its beginning or not at all. Once a chunk of it was dropped, whether by the listener's
    bounds or because they took the word, no later chunk is played: it would be heard from its middle. What is queued
    of it then is dropped, too, unless they have heard its beginning: that goes on to where it was cut.
    """

    listener: Listener
    tell: Callable[[str, str | None], None]
    """Takes `start`, `end` or `skipped`, and the reason of what is skipped."""
    over: bool = False
    _interruptions: int = -1
    _queued: int = 0
    _begun: bool = False
    _complete: bool = False
    """No more chunks come."""

    def __post_init__(self) -> None:
        self._interruptions = self.listener.interruptions

    @property
    def wanted(self) -> bool:
        """Whether they would hear more of it."""
        return not self._complete and not self._interrupted

    def play(self, speech: Speech, *, last: bool) -> None:
        """The next chunk."""
        if self._complete:
            return
        if self._interrupted:
            self.skip("interrupted")
            return
        self._complete = last
        self._queued += 1
        self.listener.play(speech, self._told)

    def skip(self, reason: str) -> None:
        """No more of it comes."""
        self._complete = True
        self._settle("interrupted" if self._interrupted else reason)

    @property
    def _interrupted(self) -> bool:
        """Whether the listener has taken the word since it was on its way."""
        return self.listener.interruptions != self._interruptions

    def _told(self, state: str) -> None:
        if self.over:
            return
        if state == "start":
            if not self._begun:
                self._begun = True
                self.tell("start", None)
            return
        self._queued -= 1
        if state == "skipped":
            self._complete = True
            if not self._begun:
                self._queued = 0
                self.listener.drop(self._told)
        self._settle("interrupted" if self._interrupted else "behind")

    def _settle(self, reason: str) -> None:
        if self._complete and self._queued <= 0 and not self.over:
            self.over = True
            if self._begun:
                self.tell("end", None)
            else:
                self.tell("skipped", reason)
