"""A soak in real time, over real UDP, with the bundled engines, under the limits of the systemd unit."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.report.machine import Watch, described
from bench.soak.coming_and_going import LOSS, SoakCall, come_and_go
from bench.soak.engine_faults import Fault, kill_engines
from bench.soak.figures import counted, slopes
from bench.soak.first_utterance import first_and_tenth
from bench.soak.server import SoakedServer
from bench.soak.unit_limits import UnitLimits
from bench.soak.verdict import MOST_PER_HOUR, judged
from bench.talk.dialogue import recorded
from testing.hotel_dialogue import GUEST

FOLDER = Path("build/bench/soak")
PLACES = 2
SAMPLES_S = 5.0
STARTS, QUICK_MINUTES = 3, 20.0
"""Servers whose first utterance is measured; one where the soak is shorter than that."""
GRACE_S = 90.0
"""Longest time until the sessions of killed clients are over."""
QUIET_S = 10.0
ENFORCED = (
    "Open files and dumps were limited as the unit limits them (prlimit); its limits of memory and tasks were watched, "
    "and not enforced."
)


def run_real(minutes: float) -> dict[str, Any]:
    """Soak a server for `minutes`, and return the report."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with Watch() as watch:
        report = asyncio.run(_soak(minutes))
    report |= {"machine": described(), "others": watch.others}
    targets = judged(report)
    return report | {
        "targets": [one.as_json() for one in targets],
        "passed": all(one.passed is not False for one in targets),
    }


async def _soak(minutes: float) -> dict[str, Any]:
    limits, wavs = UnitLimits.read(), recorded(FOLDER)[GUEST.language]
    late = []
    for start in range(STARTS - 1 if minutes >= QUICK_MINUTES else 0):
        async with SoakedServer(FOLDER / f"start-{start}", limits) as server:
            late.append(await first_and_tenth(server.url, wavs))
    async with SoakedServer(FOLDER / "server", limits) as server:
        late.append(await first_and_tenth(server.url, wavs))
        before = await _idle(server)
        _say("before", before)
        samples, calls, faults = await _busy(server, minutes * 60)
        after = await _idle(server)
        _say("after", after)
        told = await server.metrics()
    return {
        "seconds": round(samples[-1]["at"] - samples[0]["at"]),
        "places": PLACES,
        "loss": LOSS,
        "calls": sum(not call.refused for call in calls),
        "refused": sum(call.refused for call in calls),
        "crashed": sum(seat.killed for call in calls for seat in call.seats),
        "sentences": dict(_became(calls)),
        "first_s": _middle(late, 0),
        "tenth_s": _middle(late, 1),
        "starts": late,
        "faults": _faults(faults),
        "exceptions": len(server.exceptions()),
        "examples": server.exceptions()[:5],
        "contained": told.get("dragoman_contained_failures_total", 0.0),
        "engine_restarts": told["dragoman_engine_restarts_total"],
        "before": before,
        "after": after,
        "slopes_per_hour": slopes(samples, MOST_PER_HOUR),
        "limits": {"files": limits.files, "all_threads": limits.tasks, "memory_mb": limits.memory_high_mb},
        "most": _most(samples),
        "samples": samples[:: max(1, len(samples) // 60)],
        "enforced": ENFORCED,
    }


async def _busy(server: SoakedServer, seconds: float) -> tuple[list[dict[str, float]], list[SoakCall], list[Fault]]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    samples: list[dict[str, float]] = []
    calls: list[SoakCall] = []
    faults: list[Fault] = []
    async with asyncio.TaskGroup() as tasks:
        killing = tasks.create_task(kill_engines(server, began + seconds, faults))
        sampling = tasks.create_task(_sample(server, samples))
        going = [
            tasks.create_task(come_and_go(server.url, began + seconds, place, calls, FOLDER)) for place in range(PLACES)
        ]
        await asyncio.wait([*going, killing])
        sampling.cancel()
    return samples, calls, faults


async def _sample(server: SoakedServer, samples: list[dict[str, float]]) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        samples.append(await server.size() | {"at": round(loop.time() - began, 1)})
        if len(samples) % 12 == 0:
            _say("minute", samples[-1])
        await asyncio.sleep(SAMPLES_S)


async def _idle(server: SoakedServer) -> dict[str, float]:
    """Return what is held once nobody is in a call any more."""
    async with asyncio.timeout(GRACE_S):
        while (await server.metrics())["dragoman_sessions"]:  # noqa: ASYNC110
            await asyncio.sleep(1.0)
    await asyncio.sleep(QUIET_S)
    return await server.size()


def _became(calls: Sequence[SoakCall]) -> Any:
    whole = [call.seats for call in calls if not call.refused]
    return counted((one.said, other.said, min(one.until, other.until)) for one, other in whole)


def _faults(faults: Sequence[Fault]) -> dict[str, Any]:
    def longest(key: str) -> float | None:
        taken = [when - one.killed_at for one in faults if (when := getattr(one, key)) is not None]
        return round(max(taken), 2) if taken else None

    return {
        "count": len(faults),
        "unseen": sum(one.red_at is None for one in faults),
        "stayed": sum(one.red_at is not None and one.green_at is None for one in faults),
        "red_s": longest("red_at"),
        "green_s": longest("green_at"),
        "gauge_s": longest("gauge_red_at"),
        "gauge_unseen": sum(one.gauge_red_at is None for one in faults),
    }


def _most(samples: Sequence[dict[str, float]]) -> dict[str, float]:
    return {
        "files": max(one["files"] for one in samples),
        "all_threads": max(one["all_threads"] for one in samples),
        "memory_mb": max(round(one["server_mb"] + one["engines_mb"]) for one in samples),
    }


def _middle(late: Sequence[tuple[float | None, float | None]], which: int) -> float | None:
    found = [value for one in late if (value := one[which]) is not None]
    return round(median(found), 2) if len(found) == len(late) else None


def _say(what: str, size: dict[str, float]) -> None:
    print(what, size, file=sys.stderr, flush=True)
