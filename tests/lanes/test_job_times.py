"""Times of a lane's jobs: each run is told once, with the context in which the job was asked for, however it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pipeline.context import Context, bound
from pipeline.engines import EngineError
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Translate, Translation
from pipeline.timings import JobTimed, Result, Timing, Timings
from testing.virtual_clock import virtually


def phrase(text: str) -> Translate:
    return Translate(text, "en", "es")


class Watched:
    """A lane that takes half a second for each job, and the times that it tells."""

    def __init__(self, **options: Any) -> None:
        self.timed: list[tuple[Context, JobTimed]] = []
        self.lane = InLoopLane[Translate, Translation](self._translate, **options)
        timings = Timings()
        timings.observe_jobs(self._note)
        self.lane.tell_times(timings, "mt")
        self.began_at = asyncio.get_running_loop().time()

    async def _translate(self, job: Translate) -> Translation:
        await asyncio.sleep(1e9 if job.text == "hang" else 0.5)
        if job.text == "raise":
            raise RuntimeError("no")
        return Translation(job.text, job.source, job.target)

    def _note(self, context: Context, timing: Timing) -> None:
        assert isinstance(timing, JobTimed)
        self.timed.append((context, timing))

    @property
    def told(self) -> list[tuple[float, float | None, float, int, Result]]:
        """Return queued, started and ended (s since the beginning), attempt and result of each."""

        def since(at: float) -> float:
            return round(at - self.began_at, 3)

        return [
            (
                since(one.queued_at),
                None if one.started_at is None else since(one.started_at),
                since(one.ended_at),
                one.attempt,
                one.result,
            )
            for _, one in self.timed
        ]


@virtually
async def test_a_job_waits_and_runs_and_keeps_its_context() -> None:
    watched = Watched()
    async with watched.lane as lane:
        with bound("s-1", utterance="u-1", span="00000000000000aa"):
            await asyncio.gather(lane.do(phrase("one")), lane.do(phrase("two")))
    assert watched.told == [(0, 0, 0.5, 1, Result.DONE), (0, 0.5, 1.0, 1, Result.DONE)]
    assert {context for context, _ in watched.timed} == {Context("s-1", None, "u-1", None, "00000000000000aa")}
    assert {(one.stage, one.engine) for _, one in watched.timed} == {("mt", "stt direct")}


@virtually
async def test_failures_hangs_and_jobs_that_nobody_waits_for() -> None:
    watched = Watched(timeout=2.0)
    async with watched.lane as lane:
        with pytest.raises(EngineError):
            await lane.do(phrase("raise"))
        running, waiting = asyncio.create_task(lane.do(phrase("one"))), asyncio.create_task(lane.do(phrase("two")))
        await asyncio.sleep(0.2)
        for task in (running, waiting):
            task.cancel()
        await asyncio.wait({running, waiting})
        await asyncio.sleep(1.0)
        with pytest.raises(EngineError):
            await lane.do(phrase("hang"))
    assert watched.told == [
        (0, 0, 0.5, 1, Result.FAILED),
        (0.5, None, 0.7, 1, Result.GIVEN_UP),
        (0.5, 0.5, 1.0, 1, Result.GIVEN_UP),
        (1.7, 1.7, 3.7, 1, Result.FAILED),
    ]


@virtually
async def test_a_job_that_waits_too_long_never_runs() -> None:
    watched = Watched(patience=0.3)
    async with watched.lane as lane:
        first = asyncio.create_task(lane.do(phrase("one")))
        await asyncio.sleep(0)
        with pytest.raises(EngineError, match="in the queue"):
            await lane.do(phrase("two"))
        await first
    assert watched.told == [(0, None, 0.3, 1, Result.FAILED), (0, 0, 0.5, 1, Result.DONE)]
