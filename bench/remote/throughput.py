"""Jobs that 1, 2 and 4 workers do in a second, where each job takes an engine 50 ms of sleep."""

from __future__ import annotations

import asyncio
from itertools import count

from bench.remote.there import workers
from pipeline.speech import Translate, Translation
from remote.lane import RemoteLane

SERVICE_S = 0.05
WORKERS = 1, 2, 4
_ENGINE = f'scripted:{{"delay_s": {SERVICE_S}}}'
_WAITING = 4
"""Jobs at once for each worker: none of them ever finds the queue empty."""


async def jobs_a_second(seconds: float) -> dict[int, float]:
    """Return the rate by the number of workers."""
    return {number: round(await _rate(number, seconds), 1) for number in WORKERS}


async def _rate(number: int, seconds: float) -> float:
    with workers([("mt", _ENGINE)] * number) as url:
        async with RemoteLane[Translate, Translation]("mt", url) as lane:
            async with asyncio.timeout(120):
                while lane.workers < number:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1)  # each has loaded its engine, and reads
            done, names = 0, count()
            end_at = asyncio.get_running_loop().time() + seconds

            async def ask() -> None:
                nonlocal done
                while asyncio.get_running_loop().time() < end_at:
                    await lane.do(Translate(str(next(names)), "en", "es"))
                    done += asyncio.get_running_loop().time() < end_at

            async with asyncio.TaskGroup() as group:
                for _ in range(number * _WAITING):
                    group.create_task(ask())
            return done / seconds
