"""Reads what the simulation is fed with: times from `bench/results`, prices and assumptions from a file; each named."""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.engine_cost import capacity, plan
from bench.engine_cost.targets import work
from bench.report.publishing import RESULTS
from server.call_admission import AdmissionOptions

INPUTS = Path(__file__).with_name("inputs.toml")
PARTS: Mapping[str, tuple[str, ...]] = {
    "stt": (f"encoder {plan.SHORT_S} s", f"decoder {plan.TOKENS} tokens"),
    "mt": ("engine, 12 words",),
    "tts": ("engine, 12 words",),
}
"""Rows of `engines.json` that make up a job, by stage, as `bench.engine_cost` reckons calls for each core."""
_REQUIRED = frozenset({"value", "unit", "kind", "what", "source"})
ENGINES_QUICKLY = "scale/engines"
NEEDED = frozenset(tomllib.loads(INPUTS.read_text("utf-8")))


class BadInput(Exception):
    """An input is missing or has no source. The message says what would be right."""


@dataclass(frozen=True, slots=True)
class Input:
    """One number that the simulation takes from elsewhere. `kind`: measured, price, elsewhere, assumption."""

    name: str
    value: float
    unit: str
    kind: str
    what: str
    source: str
    date: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the fields for a report."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Curve:
    """Time of one run, s, by the number of jobs in it: straight lines between measurements, and beyond them."""

    points: Sequence[tuple[int, float]]

    def __call__(self, jobs: int) -> float:
        if len(self.points) == 1:
            return self.points[0][1] * jobs / self.points[0][0]
        places = list(pairwise(self.points))
        (few, little), (many, much) = next((one for one in places if jobs <= one[1][0]), places[-1])
        return little + (much - little) * (jobs - few) / (many - few)


def chosen(path: Path = INPUTS) -> dict[str, Input]:
    """Return the inputs of a file by name. Raises BadInput for one that is missing or has no source."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path}: {error}") from None
    found = {name: _input(path, name, fields) for name, fields in told.items()}
    if missing := NEEDED - found.keys():
        raise BadInput(f"{path}: there must be {', '.join(sorted(missing))}")
    for one in found.values():
        if isinstance(one.value, bool) or not isinstance(one.value, int | float) or not 0 <= one.value < 1e9:
            raise BadInput(f"{path}: {one.name}: value must be a number from 0 on")
        if one.kind not in ("price", "elsewhere", "assumption") or not one.source:
            raise BadInput(f"{path}: {one.name}: it needs a source, and a kind: price, elsewhere or assumption")
        if one.kind != "assumption" and not _is_date(one.date):
            raise BadInput(f"{path}: {one.name}: a {one.kind} needs the date of its source, as 2026-06-17")
    return found


def _input(path: Path, name: str, fields: Any) -> Input:
    if not isinstance(fields, dict) or not fields.keys() >= _REQUIRED:
        raise BadInput(f"{path}: {name}: it needs {', '.join(sorted(_REQUIRED))}, and may have a date")
    if unknown := fields.keys() - _REQUIRED - {"date"}:
        raise BadInput(f"{path}: {name}: {', '.join(sorted(unknown))} is not known")
    return Input(name, **fields)


def _is_date(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def measured(stt: str, mt: str, folder: Path = RESULTS) -> dict[str, Input]:
    """Return what other benches measured, by name. Raises BadInput where their results are not there."""
    overload, check, latency = (_report(folder, name) for name in ("overload", "scale_check", "latency"))
    profile = latency["profiles"]["starter"]["single"]["waterfall"]
    full = AdmissionOptions().busy_share
    others = f"processor time; other programs took {_report(folder, engines_told(folder))['others']:.0%} of the machine"
    return {
        one.name: one
        for one in (
            _of("call_busy", overload["after"]["cpu"] / 100 / overload["after"]["calls"], "core", "overload",
                "after.cpu / after.calls", "share of a core that one call keeps busy at its node"),
            Input("node_full", full, "core", "setting", "share of a core at which a node admits nobody more",
                  "server/call_admission.py: AdmissionOptions.busy_share"),
            _of("around_s", check["measured"]["stt"]["aroundMs"] / 1000, "s", "scale_check", "measured.stt.aroundMs",
                "time of a job at a worker beside its run: ways to Redis and back"),
            _of("overhead_s", profile["overheadMs"]["p50"] / 1000, "s", "latency",
                "profiles.starter.single.waterfall.overheadMs.p50", "first sound beyond endpointing and engines"),
            _of("endpointing_s", profile["endpointing"] / 1000, "s", "latency",
                "profiles.starter.single.waterfall.endpointing", "silence after which a sentence is over"),
            Input("talk_share", capacity.TALK, "", "assumption", "share of a call in which one of the two talks",
                  "bench/engine_cost/capacity.py: TALK"),
            Input("sentence_s", plan.SPEECH_S, "s", "assumption", "length of a sentence: twelve words",
                  "bench/engine_cost/plan.py: SPEECH_S"),
            *(_of(f"{kind}_run_s", curve(kind, name, folder)(1), "s", engines_told(folder),
                  f"rows: {kind} {name}, cpu, 1 thread, {' + '.join(PARTS[kind])}; {others}",
                  f"{kind} {name} on one core, a job alone; batches from the same rows")
              for kind, name in (("stt", stt), ("mt", mt), ("tts", "espeak"))),
        )
    }  # fmt: skip


def curve(kind: str, name: str, folder: Path = RESULTS) -> Curve:
    """Return the time of a run of an engine on one core: processor time of its parts together.

    Only sizes of which all parts were measured count; beyond them jobs take as long as one after the other. Raises
    BadInput where not even one job was measured.
    """
    told = engines_told(folder)
    parts = [
        {
            int(row["batch"]): work(row) / 1000
            for row in _report(folder, told)["rows"]
            if (row["kind"], row["name"], row["device"], row["threads"]) == (kind, name, "cpu", 1)
            and row["what"] == part
        }
        for part in PARTS[kind]
    ]
    sizes = sorted(set.intersection(*map(set, parts)))
    if not sizes or sizes[0] != 1:
        raise BadInput(f"{folder / told}.json has no {kind} {name} on one thread: python -m bench.engine_cost")
    return Curve([(size, sum(part[size] for part in parts)) for size in sizes])


def engines_told(folder: Path = RESULTS) -> str:
    """Return the report on engines' times: the long one, or the short one of `bench.engine_cost --quick`."""
    return "engines" if (folder / "engines.json").is_file() else ENGINES_QUICKLY


def gpu_curve(inputs: Mapping[str, Input]) -> Curve:
    """Return the time of a run of the recogniser on a GPU, of times that others told."""
    alone = inputs["gpu_window_s"].value
    return Curve([(1, alone), (8, 8 * alone * inputs["gpu_batch_share"].value)])


def _of(name: str, value: float, unit: str, report: str, key: str, what: str) -> Input:
    return Input(name, round(value, 5), unit, "measured", what, f"bench/results/{report}.json: {key}")


def _report(folder: Path, name: str) -> dict[str, Any]:
    path = folder / f"{name}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        commands = {
            "engines": "bench.engine_cost",
            ENGINES_QUICKLY: "bench.engine_cost --quick --out bench/results/scale",
            "scale_check": "bench.scale --check",
        }
        raise BadInput(
            f"{path} can't be read ({error}): python -m {commands.get(name, f'bench.{name}')} writes it"
        ) from None
    return found
