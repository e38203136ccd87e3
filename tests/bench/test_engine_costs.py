"""`bench.engines` measures in a process of its own, counts what fails, and its verdicts can go both ways."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import weights
from bench.engine_cost import __main__ as engines
from bench.engine_cost import capacity, own_process, plan
from bench.engine_cost.capacity import Costs, calls
from bench.engine_cost.clocks import timed
from bench.engine_cost.plan import Task
from bench.engine_cost.table import markdown
from bench.engine_cost.targets import batches


def row(kind: str, name: str, what: str, batch: int, ms: float, **more: Any) -> dict[str, Any]:
    about = {"kind": kind, "name": name, "what": what, "batch": batch, "ms": ms, "best": ms, "cpuMs": ms, "runs": 3}
    return {**about, "device": "cpu", "compute": "int8", "threads": 1, "rtf": 0.1, **more}


ROWS = [
    row("stt", "tiny", "encoder 6 s", 1, 30), row("stt", "tiny", "encoder 6 s", 8, 240),
    row("stt", "tiny", "encoder 30 s", 1, 230), row("stt", "tiny", "encoder 30 s", 8, 1840),
    row("stt", "tiny", "decoder 15 tokens", 1, 70), row("stt", "tiny", "decoder 15 tokens", 8, 160),
    row("stt", "tiny", "engine, short", 1, 100), row("stt", "tiny", "engine, short", 8, 500),
    row("mt", "opus", "engine, 12 words", 1, 90), row("mt", "opus", "engine, 12 words", 8, 180),
    row("tts", "espeak", "engine, 12 words", 1, 10, compute="-"),
    row("tts", "espeak", "engine, 12 words", 8, 80, compute="-"),
]  # fmt: skip


def test_a_batch_that_gains_too_little_is_found() -> None:
    assert [one["met"] for one in batches(ROWS)] == [True, True, True]
    slow = [{**one, "cpuMs": 250} if (one["kind"], one["batch"]) == ("mt", 8) else one for one in ROWS]
    assert {one["what"]: (one["met"], one["ratio"]) for one in batches(slow)}[
        "mt opus, engine, 12 words, cpu int8, 1 thr."
    ] == (False, 2.78)
    dear = [{**one, "cpuMs": 1000} if (one["what"], one["batch"]) == ("engine, short", 8) else one for one in ROWS]
    assert [one["met"] for one in batches(dear)] == [False, True, True]


def test_calls_of_a_core() -> None:
    """Worked by hand: an utterance of 4.36 s is 0.8 / 4.36 of them a second; two passes of 0.1 s, 0.09 and 0.01."""
    assert calls(Costs(0.1, 0.09, 0.01), 2) == pytest.approx(0.7 / (0.8 / (12 / 2.75) * 0.3))
    padded, line = capacity.capacity(ROWS)
    assert (line["stt"], line["mt"], line["windows"], line["msHeard"]) == ("tiny", "opus", "short", 100)
    assert (padded["windows"], padded["msHeard"]) == ("padded", 300) and padded["calls"] < line["calls"]
    assert line["callsUnderLoad"] == pytest.approx(12.7, abs=0.1)
    assert line["calls"] < line["callsUnderLoad"]


def test_a_gpu_is_asked_in_batches() -> None:
    there = [{**one, "device": "cuda", "compute": "float16"} for one in ROWS if one["kind"] != "tts"] + ROWS
    found = {line["device"]: line for line in capacity.capacity(there) if line["windows"] == "short"}
    assert found["cuda float16"]["msHeard"] == 50
    assert found["cuda float16"]["msTranslated"] == pytest.approx(22.5)


def test_what_is_missing_makes_no_capacity() -> None:
    assert capacity.capacity([one for one in ROWS if not one["what"].startswith("encoder")]) == []
    (line,) = capacity.capacity([one for one in ROWS if one["what"] != "encoder 6 s"])
    assert line["windows"] == "padded"


def test_the_same_encoder_is_measured_once() -> None:
    named = {"tiny": "turbo"}
    turbo = [{**one, "name": named.get(one["name"], one["name"])} for one in ROWS if one["what"] != "encoder 30 s"]
    large = [{**one, "name": "large-v3"} for one in ROWS if one["what"] == "encoder 30 s"]
    found = {line["windows"]: line["msHeard"] for line in capacity.capacity(turbo + large)}
    assert found == {"padded": 300, "short": 100}


def test_the_table_tells_gaps_single_runs_and_failures() -> None:
    rows = [*ROWS, row("stt", "base", "encoder 6 s", 1, 1234.5, runs=1)]
    models = [{"kind": "stt", "name": "tiny", "device": "cpu", "compute": "int8", "threads": 1, "real": True,
               "modelMb": 40.0, "peakMb": 80.0}]  # fmt: skip
    report = {"quick": True, "seconds": 60.0, "others": 0.2, "rows": rows, "models": models, "failures": ["it fell"],
              "machine": {"processor": "p", "cores": 2, "gpus": 0, "ctranslate2": "4", "faster-whisper": "1"},
              "capacity": capacity.capacity(ROWS), "targets": batches(ROWS)}  # fmt: skip
    text = re.sub(" +", " ", markdown(report))
    assert "| base | encoder 6 s | 1234 ¹ | | 1234 | 0.1 |" in text
    assert "Others took 20.0% of the machine meanwhile, which disturbs." in text
    assert "real for stt tiny, else random" in text
    assert "Failures: 1.\n- it fell" in text


@pytest.fixture
def task(tmp_path: Path) -> Task:
    folder = weights.opus(tmp_path / "opus", tiny=True)
    return Task("mt", "opus", "cpu", "int8", 1, (1, 8), (), str(folder), "", 0.01, 1.0)


def test_an_engine_is_measured_in_a_process_of_its_own(task: Task) -> None:
    told = own_process.ask(task, 60)
    assert told["failures"] == []
    assert [(one["what"], one["batch"]) for one in told["rows"]] == [("engine, 12 words", 1), ("engine, 12 words", 8)]
    assert all(one["ms"] >= one["best"] > 0 and one["rtf"] > 0 and one["cpuMs"] >= 0 for one in told["rows"])
    assert 0 < told["modelMb"] <= told["peakMb"] < 200


def test_what_fails_is_counted(task: Task, tmp_path: Path) -> None:
    told = own_process.ask(replace(task, path=str(tmp_path / "nowhere")), 60)
    assert told["rows"] == []
    (failure,) = told["failures"]
    assert failure.startswith("mt opus, cpu int8, 1 threads: ended with 1: ")
    told = own_process.ask(task, 0.01)
    assert "TimeoutExpired" in told["failures"][0]


def test_the_plan_is_whole_and_quick_is_a_part_of_it(tmp_path: Path) -> None:
    every = list(plan.tasks(tmp_path, {}, quick=False, gpus=0))
    assert {task.name for task in every if task.kind == "stt"} == set(weights.WHISPER)
    assert {(task.kind, task.threads) for task in every} == {("stt", 1), ("stt", 2), ("mt", 1), ("mt", 2), ("tts", 1)}
    assert max(task.batches[-1] for task in every) == 16
    quick = list(plan.tasks(tmp_path, {}, quick=True, gpus=0))
    assert {task.title for task in quick} < {task.title for task in every}
    real = {("mt", "opus"): "/m", ("tts", "piper"): "/v"}
    with_gpu = list(plan.tasks(tmp_path, real, quick=False, gpus=1))
    assert {task.device for task in with_gpu} == {"cpu", "cuda"}
    assert {task.path for task in with_gpu if task.name == "opus"} == {"/m"}
    assert any(task.name == "piper" for task in with_gpu)
    assert Task.of(json.loads(json.dumps(every[0].plain()))) == every[0]


def test_real_weights_are_named_by_kind_and_size(tmp_path: Path) -> None:
    assert engines._real(f"stt:small={tmp_path}") == (("stt", "small"), str(tmp_path))
    for text in ("small=/m", "stt:=/m", "stt:huge=/m", "xx:small=/m", "stt:small"):
        with pytest.raises(argparse.ArgumentTypeError, match="KIND:NAME=FOLDER"):
            engines._real(text)


class Clock:
    """Seconds that pass by work alone."""

    def __init__(self, *durations: float) -> None:
        self.now = 0.0
        self.runs = 0
        self._durations = durations

    def __call__(self) -> float:
        return self.now

    def work(self) -> None:
        self.now += self._durations[min(self.runs, len(self._durations) - 1)]
        self.runs += 1


def test_what_is_quick_is_run_often_and_what_is_slow_twice() -> None:
    def runs(*durations: float) -> tuple[int, int, float]:
        clock = Clock(*durations)
        found = timed(clock.work, 1.0, 10.0, clock)
        return found.runs, clock.runs, found.median

    assert runs(0.001) == (9, 10, pytest.approx(0.001)), "and once to warm up"
    assert runs(0.5) == (3, 4, pytest.approx(0.5))
    assert runs(0.3) == (4, 5, pytest.approx(0.3)), "until the budget is spent"
    assert runs(3, 2) == (1, 2, 2), "the quicker of the two"
    assert runs(2, 3) == (1, 2, 2)
    assert runs(11) == (1, 1, 11)
