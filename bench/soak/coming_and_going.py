"""Calls that come and go: each of two programs, for a random time; in every third call one of them is killed."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOSS = 0.01
"""Share of the datagrams that are lost, in each direction."""
STAYS_S = 45.0, 150.0
PAUSE_S = 8.0
"""Longest pause between a call and the next one in its place."""
CRASHES_EVERY = 3
LONGEST_S = 120.0
"""Time after the end of its stay by which a program has ended."""
LANGUAGES = "en", "es"


@dataclass(slots=True)
class Seat:
    """A program, and the lines that it has said. `until`: loop time from which on it said nothing more."""

    process: Process
    said: list[dict[str, Any]] = field(default_factory=list)
    until: float = float("inf")
    killed: bool = False

    def first(self, key: str) -> Any:
        """Return the value of a key in the first line that has it, or None."""
        return next((line[key] for line in self.said if key in line), None)


@dataclass(slots=True)
class SoakCall:
    """The seats of a call, the creator's first."""

    number: int
    seats: list[Seat] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """True if not both were let in."""
        return sum(seat.first("entered") is not None for seat in self.seats) < len(LANGUAGES)


async def come_and_go(server: str, until: float, place: int, calls: list[SoakCall], folder: Path) -> None:
    """Make calls one after another until loop time `until`, and add each to `calls`."""
    loop = asyncio.get_running_loop()
    dice = random.Random(place)
    while loop.time() < until:
        stay = min(dice.uniform(*STAYS_S), max(STAYS_S[0], until - loop.time()))
        call = SoakCall(len(calls))
        calls.append(call)
        crash = stay * dice.uniform(0.3, 0.9) if len(calls) % CRASHES_EVERY == 0 else None
        await _call(server, call, stay, None if crash is None else (crash, dice.randrange(2)), folder)
        await asyncio.sleep(dice.uniform(0, PAUSE_S))


async def _call(server: str, call: SoakCall, stay: float, crash: tuple[float, int] | None, folder: Path) -> None:
    with (folder / f"call-{call.number}.log").open("wb") as log:
        try:
            async with asyncio.timeout(stay + LONGEST_S), asyncio.TaskGroup() as readers:
                for language in LANGUAGES:
                    seat = await _seat(server, language, call, stay, log)
                    readers.create_task(_read(seat))
                    while seat.first("entered") is None and seat.until == float("inf"):  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                    if seat.first("entered") is None:
                        return  # refused: an engine is being started, or the machine is busy
                if crash is not None:
                    await asyncio.sleep(crash[0])
                    call.seats[crash[1]].killed = True
                    _kill(call.seats[crash[1]])
        finally:
            for seat in call.seats:
                _kill(seat)
                await seat.process.wait()


async def _seat(server: str, language: str, call: SoakCall, stay: float, log: Any) -> Seat:
    number = len(call.seats)
    command = [sys.executable, "-m", "bench.soak.person", server, language]
    if number:
        command += ["--code", str(call.seats[0].first("entered"))]
    command += ["--seed", str(2 * call.number + number), "--loss", str(LOSS), "--stay", str(stay)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=log)
    call.seats.append(Seat(process))
    return call.seats[-1]


async def _read(seat: Seat) -> None:
    assert seat.process.stdout is not None
    async for line in seat.process.stdout:
        seat.said.append(json.loads(line))
    seat.until = asyncio.get_running_loop().time()
    await seat.process.wait()


def _kill(seat: Seat) -> None:
    if seat.process.returncode is None:
        seat.process.kill()
