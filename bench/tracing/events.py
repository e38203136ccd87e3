"""Cost of one event: a step that is timed and told, with nobody who makes spans of it, and with its spans."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

from pipeline.context import Context, bound
from pipeline.timings import JobTimed, Result, StepName, TimedStep, Timings
from server.observe.otlp import MOST_WAITING, OtlpExport
from server.observe.utterance_traces import UtteranceTraces

_ROUNDS, _TIMES = 15, 2000
_WORK = Context("s-1", "ann", "u-1", 0)


def step_off_us() -> float:
    """Return the time of a step that nobody observes beyond that of the two readings of the clock in it, µs."""
    timings, clock = Timings(), time.monotonic

    def timed() -> None:
        with TimedStep(timings, clock, StepName.PASS, "whole"):
            pass

    def bare() -> None:
        clock()
        clock()

    with bound("s-1", participant="ann", utterance="u-1"):
        return _us(timed) - _us(bare)


def step_on_us() -> float:
    """Return the time of a step and its job with their three spans, queued for the exporter's thread, µs for each."""
    timings, clock = Timings(), time.monotonic
    traces = UtteranceTraces(lambda: 0)
    export = OtlpExport("http://127.0.0.1:9/v1/traces", {}, "bench")
    timings.observe(lambda context, timing: export.send(traces.time(context, timing)))

    def timed() -> None:
        with TimedStep(timings, clock, StepName.PASS, "whole") as step:
            job = JobTimed("stt", "stt x", step.began_at, step.began_at, step.began_at, 1, Result.DONE)
            timings.tell(Context("s-1", "ann", "u-1", None, step.span), job)

    with bound("s-1", participant="ann", utterance="u-1"):
        us = _us(timed, rounds=1, times=MOST_WAITING // 4) / 2
    asyncio.run(export.close())
    return us


def _us(act: Callable[[], None], *, rounds: int = _ROUNDS, times: int = _TIMES) -> float:
    """Return the time of one call of `act`: the least mean of several rounds, since others disturb."""
    act()
    gc.collect()
    means = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            act()
        means.append((time.perf_counter() - began) / times)
    return min(means) * 1e6
