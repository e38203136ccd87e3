"""Turns spoken into a call one after another.

A turn begins when the interpreter has said all of the one before and a short pause has passed, or when
`patience` seconds after its end nothing more is expected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bench.talk.timed_receiver import TimedReceiver
from clients.sound.microphone import Clip, Microphone, Script
from clients.sound.opus import RATE

BETWEEN = 0.4  # s of pause between what was heard of one turn and the next turn
QUIET = 0.7  # s without voice before the interpreter is believed to have ended
LOOK = 0.02


class Line(Protocol):
    """A connection over which one speaks and one listens."""

    @property
    def microphone(self) -> Microphone: ...

    @property
    def ear(self) -> TimedReceiver: ...

    @property
    def settled(self) -> bool:
        """True if nothing is known to be under way."""
        ...

    @property
    def least(self) -> float:
        """Seconds after a turn's end before its silence means anything."""
        ...


@dataclass(slots=True)
class Messages:
    """Messages of the subtitles channel, each with its arrival, and the utterances that are open."""

    clock: Callable[[], float]
    all: list[dict[str, Any]] = field(default_factory=list)
    _open: set[str] = field(default_factory=set)

    def keep(self, message: dict[str, Any]) -> None:
        self.all.append({**message, "arrived": round(self.clock(), 4)})
        utterance, kind = str(message.get("utteranceId")), message.get("type")
        if kind == "utterance_end":
            self._open.discard(utterance)
        elif kind in ("processing_start", "transcription", "translation"):
            self._open.add(utterance)

    @property
    def settled(self) -> bool:
        return not self._open


async def speak(line: Line, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say all turns; return for each when it began and when it was left (s)."""
    clock = line.microphone.clock
    script = line.microphone.script
    assert line.microphone.zero is not None
    said = []
    for turn in turns:
        samples = np.load(turn["file"])
        begins = round((clock() - line.microphone.zero + BETWEEN) * RATE)
        script.clips[:] = [Clip(turn["name"], samples)]
        script.starts[:] = [begins]
        at = line.microphone.zero + begins / RATE
        end = at + turn["end"]
        last = at + turn["seconds"] + turn["patience"]
        while clock() < last and not _over(line, end, clock()):  # noqa: ASYNC110
            await asyncio.sleep(LOOK)
        said.append({"name": turn["name"], "began": round(at, 5), "left": round(clock(), 4)})
    return said


def _over(line: Line, end: float, now: float) -> bool:
    """True if the interpreter has spoken and has been quiet for `QUIET` s."""
    heard = line.ear.last_voiced_arrival
    if now < end + line.least or heard is None or heard < end - 3.0:
        return False
    return line.settled and now - heard > QUIET


def silent_script() -> Script:
    """Return a microphone's script to which turns are given one by one."""
    return Script([])
