"""An engine's process is killed each minute: when `/ready` and the gauge say so, and when they are green again."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass

from bench.soak.server import SoakedServer

APART_S = 60.0
LONGEST_S = 90.0
LOOK_S = 0.1


@dataclass(slots=True)
class Fault:
    """Loop time, s; None for what was not seen before the next fault."""

    killed_at: float
    red_at: float | None = None
    gauge_red_at: float | None = None
    green_at: float | None = None
    gauge_green_at: float | None = None


async def kill_engines(server: SoakedServer, until: float, faults: list[Fault]) -> None:
    """Kill one engine after another until loop time `until`, and add each fault to `faults`."""
    loop = asyncio.get_running_loop()
    due = loop.time() + APART_S / 2
    while due < until:
        await asyncio.sleep(max(0.0, due - loop.time()))
        due += APART_S
        running = server.engines
        if not running:
            continue
        with suppress(ProcessLookupError):
            os.kill(running[len(faults) % len(running)], signal.SIGKILL)
        fault = Fault(loop.time())
        faults.append(fault)
        await _watch(server, fault)


async def _watch(server: SoakedServer, fault: Fault) -> None:
    """Look until both have been red and are green again."""
    loop = asyncio.get_running_loop()
    while fault.gauge_green_at is None and loop.time() < fault.killed_at + LONGEST_S:
        ready, gauge = await server.ready(), (await server.metrics())["dragoman_ready"] > 0
        now = loop.time()
        if not ready and fault.red_at is None:
            fault.red_at = now
        if not gauge and fault.gauge_red_at is None:
            fault.gauge_red_at = now
        if ready and fault.red_at is not None and fault.green_at is None:
            fault.green_at = now
        if gauge and fault.gauge_red_at is not None:
            fault.gauge_green_at = now
        if fault.green_at is not None and fault.gauge_red_at is None and now > fault.killed_at + LONGEST_S / 3:
            return  # it was back before the gauge was read: the exposition is made once a second
        await asyncio.sleep(LOOK_S)
