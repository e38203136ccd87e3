"""Runs the simulation of a number of calls on workers, and returns what was seen there."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simpy import Environment
from simpy.events import ProcessGenerator

from bench.scale.calls import Heard, Pools, Talk, call, sentence
from bench.scale.pool import Pool, Stage
from pipeline.engines.registry import Kind
from testing.percentiles import percentile

Stages = Mapping[Kind, Stage]
Workers = Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class StageSeen:
    """Figures of one stage in a run. Waits in s; None where there was no such job."""

    workers: int
    jobs: int
    busy: float
    """Share of time in which engines ran, 0..1."""
    finals_mean_s: float | None
    finals_p95_s: float | None
    interims_mean_s: float | None
    interims_p95_s: float | None
    refused: float
    """Share of interims that were refused, 0..1."""

    @staticmethod
    def of(pool: Pool, seconds: float) -> StageSeen:
        """Return what a pool has seen in the last `seconds`."""
        finals, interims = pool.waits[True], pool.waits[False]
        return StageSeen(
            pool.workers,
            len(finals) + len(interims),
            pool.busy_s / seconds / pool.workers,
            _mean(finals),
            percentile(finals, 0.95),
            _mean(interims),
            percentile(interims, 0.95),
            pool.refused / max(1, pool.refused + len(interims)),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the figures for a report, times in ms."""
        return {
            "workers": self.workers,
            "jobs": self.jobs,
            "busy": round(self.busy, 4),
            "finalsMeanMs": _ms(self.finals_mean_s),
            "finalsP95Ms": _ms(self.finals_p95_s),
            "interimsMeanMs": _ms(self.interims_mean_s),
            "interimsP95Ms": _ms(self.interims_p95_s),
            "refused": round(self.refused, 4),
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """Figures of a run. `heard`: times from the end of a sentence to its speech, s."""

    stages: Mapping[Kind, StageSeen]
    heard: Sequence[float]


@dataclass(frozen=True, slots=True)
class Lasts:
    """Length of a run, s, and of the beginning before it, which does not count."""

    seconds: float
    before_s: float


def of_calls(number: int, workers: Workers, stages: Stages, talk: Talk, lasts: Lasts, seed: int = 1) -> Seen:
    """Simulate a number of calls that are all there from the beginning to the end."""
    clock, dice, heard = Environment(), random.Random(seed), Heard()
    pools = _pools(clock, workers, stages)
    for _ in range(number):
        clock.process(call(clock, pools, talk, dice, heard))
    return _seen(clock, pools, heard, lasts)


def of_sentences(
    begin: Iterable[tuple[float, float]], workers: Workers, stages: Stages, talk: Talk, lasts: Lasts
) -> Seen:
    """Simulate sentences that begin at given times and have given lengths, s, as they did in a real run."""
    clock, heard = Environment(), Heard()
    pools = _pools(clock, workers, stages)

    def at(moment: float, seconds: float) -> ProcessGenerator:
        yield clock.timeout(moment)
        yield from sentence(clock, pools, talk, seconds, heard)

    for moment, seconds in begin:
        clock.process(at(moment, seconds))
    return _seen(clock, pools, heard, lasts)


def _pools(clock: Environment, workers: Workers, stages: Stages) -> Pools:
    return {kind: Pool(clock, workers[kind], stage) for kind, stage in stages.items()}


def _seen(clock: Environment, pools: Pools, heard: Heard, lasts: Lasts) -> Seen:
    if lasts.before_s > 0:
        clock.run(lasts.before_s)
    for pool in pools.values():
        pool.forget()
    heard.times.clear()
    clock.run(lasts.before_s + lasts.seconds)
    return Seen({kind: StageSeen.of(pool, lasts.seconds) for kind, pool in pools.items()}, heard.times)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
