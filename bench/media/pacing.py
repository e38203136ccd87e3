"""The pacer's lateness beside an engine that burns the CPU of its core: alone, as a niced process, as a thread.

The engine works without a pause: 30 ms in one call that keeps the GIL, as a tokenizer or a resampler does,
then 30 ms of plain Python. Run as a program: `MODE SECONDS`, the core already chosen.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from functools import partial

import numpy as np
import uvloop

from media.pacer import Pacer

MODES = ("alone", "niced process", "thread")
NICE = 10  # as pipeline.lanes.process starts engines
BURST = 0.030


def burn() -> None:
    """Keep the core busy until the process ends."""
    size = 100_000
    began = time.perf_counter()
    sum(range(size))
    size = max(1000, round(size * BURST / (time.perf_counter() - began)))
    while True:
        sum(range(size))
        until = time.perf_counter() + BURST
        while time.perf_counter() < until:
            pass


async def lateness(seconds: float) -> list[float]:
    """Return the lateness of each of the pacer's slots, ms."""
    pacer = Pacer()
    try:
        async with asyncio.timeout(seconds):
            await pacer.run(lambda due, given_up: None)
    except TimeoutError:
        return [late * 1000 for late in pacer.lateness]
    raise AssertionError("the pacer runs until it is cancelled")


def main() -> None:
    mode, seconds = sys.argv[1], float(sys.argv[2])
    if mode == "engine":
        os.nice(NICE)
        burn()
    engine = None
    if mode == "thread":
        threading.Thread(target=burn, daemon=True).start()
    elif mode == "niced process":
        engine = subprocess.Popen([sys.executable, "-m", "bench.media.pacing", "engine", "0"], process_group=0)
        time.sleep(1)
    late = uvloop.run(lateness(seconds))
    if engine is not None:
        engine.kill()
        engine.wait()
    figures = {"slots": len(late), "late_p50_ms": np.percentile(late, 50), "late_p99_ms": np.percentile(late, 99)}
    print(json.dumps({**figures, "late_max_ms": max(late)}), flush=True)
    os._exit(0)  # the burning thread has no end


def measure(core: int, seconds: float) -> dict[str, dict[str, float]]:
    """Measure all modes, one after the other, on one core."""
    results = {}
    for mode in MODES:
        done = subprocess.run(
            [sys.executable, "-m", "bench.media.pacing", mode, str(seconds)],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + 30,
            preexec_fn=partial(os.sched_setaffinity, 0, {core}),
        )
        results[mode] = json.loads(done.stdout)
    return results


if __name__ == "__main__":
    main()
