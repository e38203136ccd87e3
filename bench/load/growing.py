"""A load that grows call by call on one server, until it is no longer as good as a single call."""

from __future__ import annotations

import asyncio
import os
import re
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.load.heard_turns import Turn, late_s
from bench.load.steps import Step, next_calls
from bench.report.machine import busy_ticks
from bench.talk.dialogue import TURN_S, Dialogue, begin
from bench.talk.dragoman_call import Side

LONGEST_S = 3000.0
SETTLE_S = 2 * TURN_S
CHANCES = 2
"""Measurements of a step: one bad moment of the machine is not the server's end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Length of a step, s, and the most calls."""

    seconds: float
    most: int


async def grown(server: str, wavs: dict[str, list[Path]], plan: Plan, said: Callable[[Step], None]) -> list[Step]:
    """Add calls until a step fails in each of its chances, and return the steps; `said` is called after each."""
    steps: list[Step] = []
    async with _talking() as (calls, tasks):
        wanted = 1
        while wanted <= plan.most:
            while len(calls) < wanted:
                calls.append(await begin(server, wavs, LONGEST_S, _offset(len(calls)), tasks))
            await asyncio.sleep(SETTLE_S)
            for _ in range(CHANCES):
                step = await _measured(server, calls, plan.seconds)
                if step.reaches(steps[0] if steps else step):
                    break
            steps.append(step)
            said(step)
            if not step.reaches(steps[0]):
                break
            wanted = next_calls(step)
    return steps


@asynccontextmanager
async def _talking() -> AsyncIterator[tuple[list[Dialogue], asyncio.TaskGroup]]:
    calls: list[Dialogue] = []
    async with asyncio.TaskGroup() as tasks:
        try:
            yield calls, tasks
        finally:
            for call in calls:
                for side in call.sides:
                    side.call.stop()


def _offset(number: int) -> float:
    """Return when a call's first sentence begins: calls are at different points of their cycle, however many."""
    return 1 + 2 * TURN_S * (number * 0.618 % 1)


async def _measured(server: str, calls: list[Dialogue], seconds: float) -> Step:
    since, (busy, every), own = time.monotonic(), busy_ticks(), time.process_time()
    await asyncio.sleep(seconds)
    until, (busy_then, every_then), own_then = time.monotonic(), busy_ticks(), time.process_time()
    metrics = await asyncio.to_thread(_metrics, server)
    await asyncio.sleep(2 * TURN_S)  # the last turns are still to be heard
    late = [
        late_s(turn, listener.ear.arrivals, listener.ear.levels)
        for call in calls
        for speaker, listener in (call.sides, call.sides[::-1])
        for turn in _turns(speaker, since, until)
    ]
    return Step(
        calls=len(calls),
        late=tuple(late),
        pacer_p99_s=metrics["dragoman_pacer_lateness_p99_seconds"],
        busy=(busy_then - busy) / max(1, every_then - every),
        load_busy=(own_then - own) / ((until - since) * (os.cpu_count() or 1)),
        memory_mb=(metrics.get("dragoman_engine_memory_bytes", 0.0) + metrics["process_resident_memory_bytes"]) / 1e6,
    )


def _turns(side: Side, since: float, until: float) -> list[Turn]:
    zero = side.microphone.zero
    assert zero is not None
    spans = [(zero + begin, zero + end) for begin, end in side.microphone.script.spans()]
    return [Turn(begin, end, following) for (begin, end), (following, _) in pairwise(spans) if since <= begin < until]


def _metrics(server: str) -> dict[str, float]:
    """Return the server's metrics, summed over their labels."""
    with urllib.request.urlopen(f"{server}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found: dict[str, float] = {}
    for name, value in re.findall(r"^(\w+)(?:\{[^}]*\})? (\S+)", text, re.MULTILINE):
        found[name] = found.get(name, 0.0) + float(value)
    return found
