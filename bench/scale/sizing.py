"""Finds the least workers with which all waits stay within their bounds; counts nodes, cores and GPUs, and the cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.scale.calls import Talk
from bench.scale.cases import Case
from bench.scale.inputs import Input
from bench.scale.simulation import Lasts, Seen, StageSeen, of_calls
from pipeline.engines.registry import Kind
from testing.percentiles import percentile

MOST_RUNS = 40
"""Simulations for one number of calls. More are not needed, unless a bound cannot be kept at all."""
MOST_REFUSED = 0.01
"""Share of interims that may be refused."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of the waits at each stage, p95, s."""

    final_s: float
    interim_s: float

    def keeps(self, seen: StageSeen) -> bool:
        """Return True if a stage stays within its bounds, and does not fall behind."""
        finals = seen.finals_p95_s is not None and seen.finals_p95_s <= self.final_s
        interims = seen.interims_p95_s is None or seen.interims_p95_s <= self.interim_s
        return finals and interims and seen.refused <= MOST_REFUSED


@dataclass(frozen=True, slots=True)
class Needed:
    """Machines for a number of calls. `kept`: False where the bounds were not kept with any number that was tried."""

    calls: int
    nodes: int
    cores: int
    gpus: int
    dollars_an_hour: float
    first_sound_s: tuple[float | None, float | None]
    """End of a sentence to the first sound of its translation, s: p50, p95."""
    seen: Seen
    kept: bool

    def as_json(self) -> dict[str, Any]:
        """Return the figures for a report."""
        p50, p95 = (None if one is None else round(one * 1000) for one in self.first_sound_s)
        return {
            "calls": self.calls,
            "nodes": self.nodes,
            "cores": self.cores,
            "gpus": self.gpus,
            "dollarsAnHour": round(self.dollars_an_hour, 2),
            "centsACallHour": round(100 * self.dollars_an_hour / self.calls, 2),
            "firstSoundP50Ms": p50,
            "firstSoundP95Ms": p95,
            "kept": self.kept,
            "stages": {kind: one.as_json() for kind, one in self.seen.stages.items()},
        }


def needed(calls: int, case: Case, talk: Talk, inputs: Mapping[str, Input], lasts: Lasts) -> Needed:
    """Return what so many calls need: the bounds are kept with more calls than that, by the headroom."""
    bounds = Bounds(inputs["most_final_wait_s"].value, inputs["most_interim_wait_s"].value)
    most, kept = _least(math.ceil(calls * inputs["headroom"].value), case, talk, bounds, lasts)
    nodes = nodes_of(calls, inputs)
    workers = {kind: one.workers for kind, one in most.stages.items()}
    seen = of_calls(calls, workers, case.stages, talk, lasts)
    gpus = sum(number for kind, number in workers.items() if kind in case.on_gpu)
    cores = nodes + sum(workers.values()) - gpus + round(inputs["other_cores"].value)
    beyond_s = inputs["overhead_s"].value
    return Needed(
        calls,
        nodes,
        cores,
        gpus,
        cores * inputs["core_hour"].value + gpus * inputs["gpu_hour"].value,
        (_more(percentile(seen.heard, 0.5), beyond_s), _more(percentile(seen.heard, 0.95), beyond_s)),
        seen,
        kept,
    )


def nodes_of(calls: int, inputs: Mapping[str, Input]) -> int:
    """Return the number of nodes, each with one core, that let so many calls in, with those to spare."""
    each = int(inputs["node_full"].value / inputs["call_busy"].value)
    return math.ceil(calls / each) + round(inputs["spare_nodes"].value)


def lower_bounds(calls: int, case: Case, talk: Talk) -> dict[Kind, int]:
    """Return the workers of each stage with which it is just not busy all the time, if every batch is full."""
    found: dict[Kind, int] = {}
    for kind, stage in case.stages.items():
        most = stage.batching.batch
        run_s = min(stage.run_s(batch) / batch for batch in range(1, most + 1))
        found[kind] = max(1, math.ceil(calls * talk.jobs_a_second(kind) * run_s))
    return found


def _least(calls: int, case: Case, talk: Talk, bounds: Bounds, lasts: Lasts) -> tuple[Seen, bool]:
    """Return the run with the least workers that keep the bounds, to 4 %; False with the last run if none does.

    Each stage is halved by itself. In the end all are tried together, and who fails gets more.
    """
    low = {kind: number - 1 for kind, number in lower_bounds(calls, case, talk).items()}
    high: dict[Kind, int] = {kind: math.ceil(1.02 * number) + 2 for kind, number in low.items()}
    known = {kind: False for kind in low}
    for _ in range(MOST_RUNS):
        trial = {
            kind: number if not known[kind] else max(low[kind] + 1, (low[kind] + number) // 2)
            for kind, number in high.items()
        }
        seen = of_calls(calls, trial, case.stages, talk, lasts)
        keeps = {kind: bounds.keeps(one) for kind, one in seen.stages.items()}
        if all(keeps.values()) and all(_is_narrow(low[kind], number) for kind, number in trial.items()):
            return seen, True
        for kind, number in trial.items():
            if keeps[kind]:
                high[kind], known[kind] = number, True
            else:
                low[kind] = max(low[kind], number)
                if number >= high[kind]:
                    high[kind], known[kind] = max(number + 1, math.ceil(1.2 * number)), False
    return seen, False


def _is_narrow(low: int, number: int) -> bool:
    """Return True if `low`, which is too few, is as near as it is looked for."""
    return number - low <= max(1, round(0.04 * number))


def _more(seconds: float | None, beyond_s: float) -> float | None:
    return None if seconds is None else seconds + beyond_s
