"""Makes calls until the server takes no more, and tells what the server's processes cost: a job in, what it saw out.

A job is JSON on standard input: the server's `url` and `pid`, and the times of a plan.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bench.overload.load import Load, carry_out, figures
from bench.report.machine import cpu_seconds


def family(pid: int) -> list[int]:
    """Return a process and all that it has started."""
    found = [pid]
    for one in found:
        tasks = Path(f"/proc/{one}/task").iterdir()
        found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return found


def spent_s(pid: int) -> float:
    """Return the processor time of a process and of all that it has started and that live, s."""
    return sum(cpu_seconds(one) for one in family(pid))


async def fill(load: Load, plan: dict[str, Any]) -> dict[str, Any]:
    """Add calls until the server has refused for a while, and watch those that run."""
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(load.watch())
        refused_at: float | None = None
        while refused_at is None or load.now < refused_at + plan["on_s"]:
            found = await load.attempt()
            if found.refused and refused_at is None:
                refused_at = load.now
            if load.now > plan["longest_s"]:
                break
            await asyncio.sleep(max(0.0, plan["every_s"] - found.took))
        began, before = load.now, spent_s(load.pid)
        await asyncio.sleep(plan["watch_s"])
        took, cpu_s = load.now - began, spent_s(load.pid) - before
        watching.cancel()
    others = [str(one.code) for one in load.attempts if not one.admitted and not one.refused]
    calls = len(load.calls)
    return {
        "calls": calls,
        "refused": refused_at is not None,
        "refused_otherwise": others,
        "cpu_of_a_call": round(cpu_s / took / calls, 4) if calls else None,
        "late_p99_ms": figures([second for second in load.seconds if second.at > began])["late_p99_ms"],
    }


if __name__ == "__main__":
    asyncio.run(carry_out(fill))
