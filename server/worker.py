"""`dragoman worker`: opens the engines that are asked for, and serves them until a signal.

On SIGTERM or SIGINT no new job is taken, those in hand are answered, and the process ends with status 0.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from contextlib import AsyncExitStack
from typing import Any

from pipeline.engines.registry import Kind
from pipeline.errors import EngineError
from pipeline.lanes.lane import Lane
from server.engine_choice.from_settings import batch_of, lane_here, processes_of, specs, width_of
from server.settings import BadSetting, Settings


async def serve_workers(settings: Settings, kinds: tuple[Kind, ...], name: str) -> int:
    """Serve engines of these kinds; return the process's exit status. Raises BadSetting."""
    try:
        from remote.worker import Worker
    except ModuleNotFoundError:
        raise BadSetting("a worker needs the extra `redis`: pip install 'dragoman[redis]'") from None
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold voices
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    chosen = specs(settings, kinds)
    try:
        async with AsyncExitStack() as open_lanes, asyncio.TaskGroup() as group:
            for kind in kinds:
                width = width_of(chosen[kind], settings)
                lane = await open_lanes.enter_async_context(lane_here(chosen[kind], settings, bound=2 * width + 1))
                size = {"processes": processes_of(chosen[kind], settings), "batch": batch_of(chosen[kind])}
                worker = Worker(kind, settings.redis_url or "", lane, name=name, **size)
                group.create_task(worker.run(stop))
                group.create_task(_announce(lane))
    except ExceptionGroup as failed:
        engines, others = failed.split(EngineError)
        if engines is None or others is not None:
            raise
        print(f"dragoman: {_first(engines)}", file=sys.stderr)
        return 1
    return 0


async def _announce(lane: Lane[Any, Any]) -> None:
    await lane.wait_ready()
    print(f"ready {lane.spec.kind} {lane.spec.name}", flush=True)


def _first(group: BaseExceptionGroup[EngineError]) -> BaseException:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
