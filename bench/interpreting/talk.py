"""The load: calls in which one side speaks and the other listens, a process of its own on the one clock.

A job comes as JSON on standard input, its result goes to the file that it names:

    {"server": URL, "kind": "dragoman" | "bot", "out": FILE, "calls": [
        {"language": "en", "target": "es", "dtx": false, "stem": PATH,
         "turns": [{"name", "file", "end", "seconds", "patience"}]}]}

A turn begins when the interpreter has said all of the one before and a short pause has passed, or when
`patience` seconds after its end nothing more is expected. Times in the result are CLOCK_MONOTONIC, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bench.interpreting.ear import Ear
from clients.microphone import Clip, Microphone, Script
from clients.opus import RATE

BETWEEN = 0.4  # s of pause between what was heard of one turn and the next turn
QUIET = 0.7  # s without voice before the interpreter is believed to have ended
LOOK = 0.02


class Line(Protocol):
    """A connection over which one speaks and one listens."""

    @property
    def microphone(self) -> Microphone: ...

    @property
    def ear(self) -> Ear: ...

    @property
    def settled(self) -> bool:
        """Whether nothing is known to be under way."""
        ...

    @property
    def least(self) -> float:
        """Seconds after a turn's end before its silence means anything."""
        ...


@dataclass(slots=True)
class Messages:
    """What came on the subtitles channel, each with its arrival; and which utterances are open."""

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
    """Say all turns; returns when each began and how it was left."""
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
    """Whether the interpreter has spoken and has been quiet for a while."""
    heard = line.ear.last_voiced_arrival
    if now < end + line.least or heard is None or heard < end - 3.0:
        return False
    return line.settled and now - heard > QUIET


def silent_script() -> Script:
    """A microphone's script to which turns are given one by one."""
    return Script([])


async def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    """All calls of a job at the same time, each begun a little after the other."""
    if job["kind"] == "dragoman":
        from bench.interpreting.talk_dragoman import converse
    else:
        from bench.interpreting.talk_bot import converse

    async def one(number: int, call: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(number * 0.37)
        return await converse(job["server"], call)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number, call)) for number, call in enumerate(job["calls"])]
    results = [task.result() for task in tasks]
    for call, result in zip(job["calls"], results, strict=True):
        # It takes a third of a second: while others still talk, their microphones would stand still for so long.
        result["heard"] = result["heard"].save(Path(f"{call['stem']}-heard.npy"))
    return results


def main() -> None:
    job = json.load(sys.stdin)
    result = asyncio.run(run(job))
    Path(job["out"]).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
