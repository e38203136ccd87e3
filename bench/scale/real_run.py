"""Compares the simulation with a real run: two nodes' lanes, a real Redis, and workers whose engines sleep.

A worker's time for a job beside its run is measured before and after, with workers that are never idle. The
simulation gets that time, the time of a run, and the sentences' beginnings and lengths; it foretells waits and work.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from bench.remote.there import workers
from bench.scale.asking_node import WINDOW, Sentences
from bench.scale.calls import Talk
from bench.scale.inputs import Curve
from bench.scale.pool import Stage
from bench.scale.simulation import Lasts, Seen, of_sentences
from pipeline.engines.registry import EngineSpec, Kind, find
from pipeline.speech import Synthesize, Translate
from remote.lane import RemoteLane

MOST = 0.2
"""Target: difference of waits and of shares of work, of the real ones."""
LEAST_WAIT_S = 0.05
"""Mean wait from which on waits are compared."""
NODES = 2
WORKERS: Mapping[Kind, int] = {"stt": 2, "mt": 1, "tts": 1}
SERVICE_S: Mapping[Kind, float] = {"stt": 0.05, "mt": 0.1, "tts": 0.05}
"""Sleep of an engine for each job. The translator's is longer: so jobs wait for it, too."""
BUSY = 0.82
"""Share of the recognisers' time that the run asks for."""
TALK = Talk(sentence_s=2.0, share=0.8, interim_s=1.0)
LENGTHS_S = 1.2, 2.8
JOBS_A_SENTENCE = 3.5
"""Passes of such a sentence: two at its end, and one interim or two."""
LASTS = Lasts(seconds=55.0, before_s=8.0)
MEASURE_S = 3.0
NAMES: Mapping[tuple[Kind, bool], str] = {
    ("stt", True): "recognition, finals",
    ("stt", False): "recognition, interims",
    ("mt", True): "translation",
    ("tts", True): "speech",
}


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A real job: s since the beginning."""

    kind: str
    urgent: bool
    asked_at: float
    began_at: float
    ended_at: float


async def compared(lasts: Lasts = LASTS) -> dict[str, Any]:
    """Return the report of one comparison."""
    with workers((kind, _engine(kind)) for kind, number in WORKERS.items() for _ in range(number)) as url:
        before = {kind: await _measured(kind, url) for kind in WORKERS}
        begin = list(_beginnings(before["stt"], lasts))
        jobs, refused = await _ran(url, begin, lasts)
        after = {kind: await _measured(kind, url) for kind in WORKERS}
    stages = {kind: _between(before[kind], after[kind], [job for job in jobs if job.kind == kind]) for kind in WORKERS}
    simulated = of_sentences(begin, WORKERS, stages, TALK, lasts)
    return judged(jobs, simulated, lasts) | {
        "seconds": lasts.seconds,
        "sentences": len(begin),
        "refused": refused,
        "measured": {
            kind: {"runMs": round(stage.run_s(1) * 1000, 2), "aroundMs": round(stage.around_s * 1000, 2)}
            for kind, stage in stages.items()
        },
    }


def _engine(kind: Kind) -> str:
    more: dict[Kind, dict[str, Any]] = {
        "stt": {"texts": {"en": "a sentence"}},
        "mt": {"pattern": "{text}!"},
        "tts": {"seconds": 0.2},
    }
    return f"scripted:{json.dumps({'delay_s': SERVICE_S[kind]} | more[kind])}"


async def _measured(kind: Kind, url: str) -> Stage:
    """Return what a job takes these workers, as they are now."""
    batching = find(EngineSpec(kind, "scripted")).batching({})
    async with RemoteLane[Any, Any](kind, url) as lane:
        async with asyncio.timeout(120):
            while lane.workers < WORKERS[kind]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await asyncio.sleep(1)  # each reads
        full = await _asked(kind, lane, 2 * batching.batch * WORKERS[kind] + 2)
        if batching.batch == 1:
            return Stage(Curve([(1, full.run_s)]), batching, max(0.0, WORKERS[kind] / full.rate - full.run_s))
        alone = await _asked(kind, lane, 1)
        every = batching.batch, batching.batch * WORKERS[kind] / full.rate
        return Stage(Curve([(1, alone.run_s), every]), batching, max(0.0, 1 / alone.rate - alone.run_s))


def _between(before: Stage, after: Stage, jobs: Sequence[JobSeen]) -> Stage:
    """Return the mean of two measurements: the machine may have had other things to do in one of them.

    Where no jobs share a run, its time is that of the jobs of the run itself.
    """
    around_s = (before.around_s + after.around_s) / 2
    if before.batching.batch == 1:
        run_s = sum(job.ended_at - job.began_at for job in jobs) / len(jobs)
        return Stage(Curve([(1, run_s)]), before.batching, around_s)
    points = [(size, (before.run_s(size) + after.run_s(size)) / 2) for size in (1, before.batching.batch)]
    return Stage(Curve(points), before.batching, around_s)


@dataclass(frozen=True, slots=True)
class _Rate:
    """Jobs a second, and the mean time of their runs, s."""

    rate: float
    run_s: float


async def _asked(kind: Kind, lane: RemoteLane[Any, Any], at_once: int) -> _Rate:
    """Ask for so many jobs at once, again and again, for a while."""
    loop, names = asyncio.get_running_loop(), count()
    jobs, busy_s, began_at = lane.counters.jobs, lane.counters.busy_s, loop.time()
    end_at = began_at + MEASURE_S

    async def ask() -> None:
        while loop.time() < end_at:
            await lane.do(_job(kind, f"{kind} {at_once} {next(names)}"))

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(ask())
    done = lane.counters.jobs - jobs
    return _Rate(done / (loop.time() - began_at), (lane.counters.busy_s - busy_s) / done)


def _job(kind: Kind, text: str) -> Any:
    """Return a job; none has an answer that is remembered."""
    return {"stt": WINDOW, "mt": Translate(text, "en", "es"), "tts": Synthesize(text, "es")}[kind]


def _beginnings(stt: Stage, lasts: Lasts) -> Iterable[tuple[float, float]]:
    """Yield beginnings and lengths of sentences, s, at random."""
    dice, at = random.Random(23), 0.0
    each_s = (stt.run_s(1) + stt.around_s) * JOBS_A_SENTENCE / WORKERS["stt"] / BUSY
    while (at := at + dice.expovariate(1 / each_s)) < lasts.before_s + lasts.seconds:
        yield at, dice.uniform(*LENGTHS_S)


async def _ran(url: str, begin: Sequence[tuple[float, float]], lasts: Lasts) -> tuple[list[JobSeen], int]:
    """Let the nodes say the sentences in turn; return all jobs, and the number of interims that were refused."""
    command = sys.executable, "-m", "bench.scale.asking_node", url
    pipe = asyncio.subprocess.PIPE
    nodes = [
        await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 26) for _ in range(NODES)
    ]
    try:
        async with asyncio.timeout(lasts.before_s + lasts.seconds + 120):
            for number, node in enumerate(nodes):
                await _tell(node, Sentences(list(begin[number::NODES]), TALK).as_line())
            for node in nodes:
                assert await _line(node) == "ready"
            zero = asyncio.get_running_loop().time() + 0.5  # the machine's monotonic clock, as theirs
            for node in nodes:
                await _tell(node, str(zero))
            told = [json.loads(await _line(node)) for node in nodes]
    finally:
        for node in nodes:
            with suppress(ProcessLookupError):
                node.kill()
            await node.wait()
    return [JobSeen(*job) for one in told for job in one["jobs"]], sum(one["refused"] for one in told)


async def _tell(node: asyncio.subprocess.Process, line: str) -> None:
    assert node.stdin is not None
    node.stdin.write(f"{line}\n".encode())
    await node.stdin.drain()


async def _line(node: asyncio.subprocess.Process) -> str:
    assert node.stdout is not None
    return (await node.stdout.readline()).decode().strip()


def judged(jobs: Iterable[JobSeen], simulated: Seen, lasts: Lasts) -> dict[str, Any]:
    """Return the figures beside each other, and the verdict: at least two waits must be long enough to compare."""
    counted = [job for job in jobs if lasts.before_s <= job.ended_at < lasts.before_s + lasts.seconds]
    rows, compared_waits, passed = [], 0, True
    for (kind, urgent), what in NAMES.items():
        mine = [job for job in counted if (job.kind, job.urgent) == (kind, urgent)]
        seen = simulated.stages[kind]
        wait_s = sum(job.began_at - job.asked_at for job in mine) / max(1, len(mine))
        expected_s = (seen.finals_mean_s if urgent else seen.interims_mean_s) or 0.0
        row: dict[str, Any] = {"what": what, "jobs": len(mine)}
        row |= {"waitMs": round(wait_s * 1000, 1), "simulatedWaitMs": round(expected_s * 1000, 1)}
        row["waitDiffers"] = round(expected_s / wait_s - 1, 3) if wait_s >= LEAST_WAIT_S else None
        compared_waits += row["waitDiffers"] is not None
        busy = _busy([job for job in counted if job.kind == kind], WORKERS[kind], lasts) if urgent else None
        row |= {"busy": busy, "simulatedBusy": round(seen.busy, 3) if urgent else None}
        row["busyDiffers"] = round(seen.busy / busy - 1, 3) if busy else None
        passed &= all(abs(row[key]) <= MOST for key in ("waitDiffers", "busyDiffers") if row[key] is not None)
        rows.append(row)
    return {"passed": passed and compared_waits >= 2, "stages": rows}


def _busy(jobs: Iterable[JobSeen], number: int, lasts: Lasts) -> float:
    """Return the share of time in which these workers ran jobs. Jobs of one worker may share a run."""
    total_s = until = 0.0
    for began_at, ended_at in sorted((job.began_at, job.ended_at) for job in jobs):
        since = max(began_at, until) if number == 1 else began_at
        total_s += max(0.0, ended_at - since)
        until = max(until, ended_at)
    return round(total_s / lasts.seconds / number, 3)
