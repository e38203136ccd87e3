"""Workers and lanes over a real Redis, for tests: workers in this very loop, and workers as processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from pipeline.engines.registry import EngineSpec, Kind
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Translate, Translation
from remote.lane import RemoteLane
from remote.worker import Worker

PAIRS = frozenset({("en", "es")})


class GatedTranslator:
    """A translator in the loop that answers once its gate is open, and notes the jobs that it was given."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.gate = asyncio.Event()

    async def __call__(self, job: Translate) -> Translation:
        self.order.append(job.text)
        await self.gate.wait()
        return Translation(f"{job.target}: {job.text}", job.source, job.target)


async def quick(job: Translate) -> Translation:
    """Translate at once."""
    return Translation(f"{job.target}: {job.text}", job.source, job.target)


def phrase(text: str) -> Translate:
    return Translate(text, "en", "es")


@asynccontextmanager
async def worker_here(
    url: str,
    engine: Callable[[Any], Awaitable[Any]] = quick,
    *,
    name: str = "here",
    width: int = 1,
    pairs: frozenset[tuple[str, str]] = PAIRS,
) -> AsyncIterator[Worker]:
    """Run a translator's worker in this loop; let it end its jobs on leaving."""
    lane: InLoopLane[Any, Any] = InLoopLane(engine, pairs=pairs, width=width, bound=2 * width + 1)
    lane.spec = EngineSpec("mt", "scripted")
    stop = asyncio.Event()
    async with lane, asyncio.TaskGroup() as group:
        worker = Worker("mt", url, lane, name=name, processes=width)
        group.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()


@asynccontextmanager
async def lane_to(url: str, kind: Kind = "mt", **options: Any) -> AsyncIterator[RemoteLane[Any, Any]]:
    """Open a lane, once a worker is there."""
    async with RemoteLane(kind, url, **options) as lane:
        async with asyncio.timeout(60):
            await lane.wait_ready()
        yield lane


class WorkerProcess:
    """`dragoman worker` as a process: `with WorkerProcess(url, "--mt", "scripted", name="w1") as worker:`."""

    def __init__(self, url: str, *arguments: str, name: str) -> None:
        self._command = [sys.executable, "-m", "server.cli.main", "worker", *arguments, "--name", name]
        ours = {key: value for key, value in os.environ.items() if not key.startswith("DRAGOMAN_")}
        self._environment = {**ours, "DRAGOMAN_REDIS_URL": url}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. It serves once its engine is loaded, which nobody waits for here."""
        self.process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def __enter__(self) -> WorkerProcess:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.lives:
            self.end(signal.SIGKILL)
