"""A short wait for company: interims of several calls run together, finals never wait, nothing waits longer."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.engines.registry import Batching, EngineSpec, Entry, find
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.local import LocalLane
from pipeline.speech import Translate, Translation
from testing.virtual_clock import virtually


class Batches:
    """Notes when it was given which jobs."""

    pairs = frozenset({("en", "es")})

    def __init__(self) -> None:
        self.runs: list[tuple[int, str]] = []

    def translate(self, jobs: Sequence[Translate]) -> list[Translation]:
        now_ms = round(asyncio.get_running_loop().time() * 1000) - 1_000_000
        self.runs.append((now_ms, "".join(job.text for job in jobs)))
        return [Translation(job.text, job.source, job.target) for job in jobs]


async def after(lane: LocalLane[Translate, Translation], at_ms: int, text: str, *, urgent: bool = False) -> None:
    await asyncio.sleep(at_ms / 1000 - (asyncio.get_running_loop().time() - 1000))
    await lane.do(Translate(text, "en", "es"), urgent=urgent)


async def runs(jobs: Sequence[tuple[int, str]], **options: Any) -> list[tuple[int, str]]:
    """Return (ms, text) of each job in the order of running; capital letters are finals."""
    engine = Batches()
    async with (
        InLoopLane[Translate, Translation](engine, **{"batch": 4, "linger_ms": 10, **options}) as lane,
        asyncio.TaskGroup() as group,
    ):
        for at_ms, text in jobs:
            group.create_task(after(lane, at_ms, text, urgent=text.isupper()))
    return engine.runs


@virtually
async def test_an_interim_waits_for_others_and_not_longer() -> None:
    assert await runs([(0, "a"), (4, "b"), (9, "c"), (30, "d")]) == [(10, "abc"), (40, "d")]


@virtually
async def test_a_full_batch_goes_at_once() -> None:
    assert await runs([(0, "a"), (2, "b"), (4, "c"), (6, "d"), (8, "e")]) == [(6, "abcd"), (18, "e")]


@virtually
async def test_a_final_never_waits_and_takes_the_others_along() -> None:
    assert await runs([(0, "A")]) == [(0, "A")]
    assert await runs([(0, "a"), (3, "B"), (20, "c")], batch=8) == [(3, "Ba"), (30, "c")]


@virtually
async def test_a_final_goes_without_interims_where_they_would_delay_it() -> None:
    assert await runs([(0, "a"), (3, "B"), (3, "C"), (5, "d")], apart=True) == [(3, "BC"), (10, "ad")]


@virtually
async def test_without_linger_nothing_waits() -> None:
    assert await runs([(0, "a"), (1, "b")], linger_ms=0) == [(0, "a"), (1, "b")]


@virtually
async def test_a_job_that_is_cancelled_while_it_waits_is_not_run() -> None:
    engine = Batches()
    async with InLoopLane[Translate, Translation](engine, batch=4, linger_ms=10) as lane:
        job = asyncio.ensure_future(after(lane, 0, "a"))
        await asyncio.sleep(0.005)
        job.cancel()
        await asyncio.wait({job})
        await asyncio.sleep(0.05)
        assert (engine.runs, lane.waiting) == ([], 0)
        await after(lane, 60, "b")
    assert engine.runs == [(70, "b")]


@virtually
async def test_the_lane_closes_while_a_job_waits_for_company() -> None:
    engine = Batches()
    async with InLoopLane[Translate, Translation](engine, batch=4, linger_ms=1000) as lane:
        job = asyncio.ensure_future(after(lane, 0, "a"))
        await asyncio.sleep(0.005)
    with pytest.raises(Exception, match="closed"):
        await job
    assert engine.runs == []


def test_what_the_registry_says_of_an_engine() -> None:
    assert find(EngineSpec("stt", "starter")).batching({}) == Batching()
    whisper = find(EngineSpec("stt", "whisper"))
    for options in ({}, {"device": "cpu"}, {"device": "auto"}):
        assert whisper.batching(options) == Batching(), "a padded window costs a CPU more than decoding it"
        trimmed = whisper.batching({**options, "margin": 30})
        assert trimmed.batch > 1 and trimmed.linger_ms == 0
        assert trimmed.apart, "an encoder on a CPU takes one job after the other"
    gpu = whisper.batching({"device": "cuda"})
    assert 5 <= gpu.linger_ms <= 20 and gpu.batch > trimmed.batch and not gpu.apart
    plain = Entry("mt", "x", lambda: None, "", "", batch=3, linger_ms=5)  # type: ignore[arg-type, return-value]
    assert plain.batching({"device": "cuda"}) == Batching(3, 5)
