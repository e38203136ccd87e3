"""`bench.scale` waits as queueing theory says, and names its numbers' sources; its page is that of its report."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from simpy import Environment

from bench.report.publishing import RESULTS, with_commit
from bench.scale import queueing
from bench.scale.__main__ import CALLS, PAGE, checked, main, simulated
from bench.scale.calls import Talk
from bench.scale.cases import Case, cases
from bench.scale.inputs import INPUTS, BadInput, Curve, chosen, curve, measured
from bench.scale.pool import INTERIMS, Pool, Stage
from bench.scale.real_run import LASTS, NAMES, JobSeen, judged
from bench.scale.simulation import Lasts, Seen, StageSeen, of_calls, of_sentences
from bench.scale.sizing import Bounds, needed, nodes_of
from bench.scale.table import markdown, page
from pipeline.engines.registry import Batching, Kind

SERVICE_S = 0.05


def waits(
    arrivals: float, run_s: Callable[[int], float], workers: int = 1, urgent: float = 1.0, jobs: int = 20_000
) -> tuple[float, float, float]:
    """Return the mean waits of finals and of interims, s, and the share of time that workers are busy."""
    clock, dice = Environment(), random.Random(11)
    pool = Pool(clock, workers, Stage(run_s))

    def come() -> Any:
        while True:
            yield clock.timeout(dice.expovariate(arrivals))
            pool.ask(urgent=dice.random() < urgent)

    clock.process(come())
    clock.run(jobs / arrivals)
    finals, interims = (sum(one) / max(1, len(one)) for one in (pool.waits[True], pool.waits[False]))
    return finals, interims, pool.busy_s * arrivals / jobs / workers


def test_waits_are_those_of_queueing_theory() -> None:
    dice = random.Random(12)

    def at_random(_: int) -> float:
        return dice.expovariate(1 / SERVICE_S)

    wait, _, busy = waits(12, lambda _: SERVICE_S)
    assert (wait, busy) == (pytest.approx(queueing.wait_md1(12, SERVICE_S), rel=0.05), pytest.approx(0.6, rel=0.02))
    wait, _, _ = waits(36, at_random, workers=3, jobs=60_000)
    assert wait == pytest.approx(queueing.wait_mmc(36, SERVICE_S, 3), rel=0.05)
    finals, interims, _ = waits(12, at_random, urgent=0.5, jobs=60_000)
    assert (finals, interims) == pytest.approx(queueing.waits_mm1_by_priority(6, 6, SERVICE_S), rel=0.1)


def test_the_theory_is_that_of_the_books() -> None:
    """Worked by hand: half of those wait who come to one server that is half busy, a third who come to two."""
    assert queueing.erlang_c(1, 0.5) == pytest.approx(0.5)
    assert queueing.erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert queueing.wait_mmc(10, 0.05, 1) == pytest.approx(2 * queueing.wait_md1(10, 0.05)) == pytest.approx(0.05)
    assert queueing.waits_mm1_by_priority(0, 10, 0.05)[1] == pytest.approx(0.05)
    with pytest.raises(ValueError, match="never catch up"):
        queueing.wait_mmc(40, 0.05, 2)


def test_jobs_wait_for_each_other_by_the_products_rules() -> None:
    """A final runs alone; then the other, which came after two interims; then these, together."""
    clock = Environment()
    pool = Pool(clock, 1, Stage(lambda jobs: 1.0 + jobs, Batching(4, apart=True), around_s=0.5))
    for urgent in (True, False, False, True):
        pool.ask(urgent=urgent)
    clock.run(100)
    assert pool.waits == {True: [0.5, 3.0], False: [5.5, 5.5]}
    assert pool.busy_s == pytest.approx(2 + 2 + 3)


def test_a_worker_holds_no_more_than_its_engine_runs_at_once() -> None:
    clock = Environment()
    pool = Pool(clock, 2, Stage(lambda jobs: 1.0))
    for urgent in (False, False, False, True):
        pool.ask(urgent=urgent)
    clock.run(100)
    assert pool.waits == {True: [1.0], False: [0.0, 0.0, 1.0]}, "the final goes before what still waits in Redis"


def test_interims_are_refused_from_a_bound_on_and_linger_for_company() -> None:
    clock = Environment()
    pool = Pool(clock, 1, Stage(lambda jobs: 1.0, Batching(4, linger_ms=100)))
    assert pool.ask(urgent=False) is not None
    clock.run(50)
    assert pool.waits[False] == [pytest.approx(0.1)]
    assert sum(pool.ask(urgent=False) is not None for _ in range(INTERIMS + 5)) == INTERIMS
    assert pool.refused == 5 and pool.ask(urgent=True) is not None


STAGES: dict[Kind, Stage] = {kind: Stage(Curve([(1, 0.1)])) for kind in ("stt", "mt", "tts")}
PLENTY: dict[Kind, int] = {"stt": 9, "mt": 9, "tts": 9}


def test_a_sentence_has_its_interims_two_finals_a_translation_and_a_voice() -> None:
    talk = Talk(3.5, 0.8, interim_s=1.0)
    seen = of_sentences([(0.0, 3.5)], PLENTY, STAGES, talk, Lasts(10, 0))
    assert {kind: one.jobs for kind, one in seen.stages.items()} == {"stt": 5, "mt": 1, "tts": 1}
    assert seen.heard == [pytest.approx(0.24 + 3 * 0.1)]
    alone: dict[Kind, int] = {**PLENTY, "stt": 1}
    slow: dict[Kind, Stage] = {**STAGES, "stt": Stage(Curve([(1, 1.5)]))}
    seen = of_sentences([(0.0, 3.5)], alone, slow, talk, Lasts(20, 0))
    assert seen.stages["stt"].jobs == 4, "one of three interims is left out: the one before is still on its way"
    assert seen.heard == [pytest.approx(1.0 + 1.5 + 1.5 + 0.2)], "the last pass waits for the interim and the first"


def test_calls_ask_for_as_much_as_is_reckoned() -> None:
    talk = Talk(4.0, 0.8, interim_s=1.0)
    seen = of_calls(40, PLENTY, STAGES, talk, Lasts(200, 10))
    for kind, one in seen.stages.items():
        # Interims come in whole seconds, so there are a few less than the sentence has seconds.
        assert one.jobs / 200 / 40 == pytest.approx(talk.jobs_a_second(kind), rel=0.12), kind


def test_times_between_measurements_are_on_a_line() -> None:
    times = Curve([(1, 0.1), (2, 0.12), (8, 0.36)])
    assert [times(jobs) for jobs in (1, 2, 4, 8, 16)] == pytest.approx([0.1, 0.12, 0.2, 0.36, 0.68])
    assert Curve([(1, 0.1)])(3) == pytest.approx(0.3)


def a_case(**runs_s: float) -> Case:
    stages: dict[Kind, Stage] = {kind: Stage(Curve([(1, runs_s.get(kind, 0.05))])) for kind in ("stt", "mt", "tts")}
    return Case("CPU", False, stages, frozenset())


def figures() -> dict[str, Any]:
    found = chosen()
    one = next(iter(found.values()))
    known = {"call_busy": 0.025, "node_full": 0.75, "overhead_s": 0.04, "around_s": 0.0}
    return found | {name: replace(one, name=name, value=value) for name, value in known.items()}


def test_the_least_workers_keep_the_bounds_and_one_less_does_not() -> None:
    inputs, talk, lasts = figures(), Talk(4.0, 0.8, 1.0), Lasts(100, 10)
    inputs["most_final_wait_s"] = replace(inputs["most_final_wait_s"], value=0.02)
    found = needed(5, a_case(stt=0.3), talk, inputs, lasts)
    workers = {kind: one.workers for kind, one in found.seen.stages.items()}
    bounds = Bounds(inputs["most_final_wait_s"].value, inputs["most_interim_wait_s"].value)
    more = round(5 * inputs["headroom"].value)
    assert found.kept and workers["stt"] > math.ceil(more * talk.jobs_a_second("stt") * 0.3)
    for fewer, kept in ((0, True), (1, False)):
        tried = of_calls(more, {**workers, "stt": workers["stt"] - fewer}, a_case(stt=0.3).stages, talk, lasts)
        assert bounds.keeps(tried.stages["stt"]) is kept
    assert found.nodes == 2 and found.cores == 2 + sum(workers.values()) + inputs["other_cores"].value
    assert found.dollars_an_hour == pytest.approx(found.cores * inputs["core_hour"].value)


def test_a_bound_that_cannot_be_kept_is_told() -> None:
    inputs = figures()
    inputs["most_final_wait_s"] = replace(inputs["most_final_wait_s"], value=0.01)
    slow = Case("CPU", False, {kind: Stage(Curve([(1, 0.1)]), around_s=0.1) for kind in PLENTY}, frozenset())
    assert not needed(2, slow, Talk(4.0, 0.8, 1.0), inputs, Lasts(20, 5)).kept


def test_nodes_have_one_to_spare() -> None:
    assert [nodes_of(calls, figures()) for calls in (1, 30, 31, 3000)] == [2, 2, 3, 101]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('date = "2026-06-17"', "a price needs the date"),
        ("value = 0.0408", "core_hour"),
        ("[core_hour]", "value: it needs kind"),
        ('kind = "price"', "core_hour"),
    ],
)
def test_an_input_without_its_source_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "inputs.toml"
    path.write_text(INPUTS.read_text("utf-8").replace(line, "", 1), encoding="utf-8")
    with pytest.raises(BadInput, match=reason):
        chosen(path)


def test_a_value_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "inputs.toml"
    for value in ('"dear"', "-1", "nan", "true"):
        path.write_text(INPUTS.read_text("utf-8").replace("0.0408", value, 1), encoding="utf-8")
        with pytest.raises(BadInput, match="must be a number"):
            chosen(path)
    assert main(["--inputs", str(path)]) == 2


def test_what_was_not_measured_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"python -m bench\.overload writes it"):
        measured("base", "opus", tmp_path)
    about = {
        "kind": "stt",
        "name": "base",
        "device": "cpu",
        "threads": 1,
        "what": "encoder 6 s",
        "batch": 1,
        "cpuMs": 65,
    }
    (tmp_path / "engines.json").write_text(json.dumps({"rows": [about]}))
    with pytest.raises(BadInput, match=r"no stt base on one thread: python -m bench\.engine_cost"):
        curve("stt", "base", tmp_path)


def test_a_job_takes_as_long_as_its_parts(tmp_path: Path) -> None:
    about = {"kind": "stt", "name": "base", "device": "cpu", "threads": 1}
    sizes = {"encoder 6 s": {1: 60, 8: 480}, "decoder 15 tokens": {1: 100, 4: 160, 8: 260}}
    rows = [
        about | {"what": what, "batch": batch, "cpuMs": ms} for what, of in sizes.items() for batch, ms in of.items()
    ]
    (tmp_path / "engines.json").write_text(json.dumps({"rows": rows}))
    assert dict(curve("stt", "base", tmp_path).points) == pytest.approx({1: 0.16, 8: 0.74})


def real(kind: str, urgent: bool, wait_s: float, number: int = 50) -> list[JobSeen]:
    each = LASTS.seconds / number
    return [
        JobSeen(kind, urgent, at := LASTS.before_s + each * index, at + wait_s, at + wait_s + 0.4 * each)
        for index in range(number)
    ]


@pytest.mark.parametrize(
    ("simulated_s", "busy", "passed"),
    [(0.1, 0.4, True), (0.119, 0.4, True), (0.121, 0.4, False), (0.079, 0.4, False), (0.1, 0.49, False)],
)
def test_the_verdict_on_a_real_run(simulated_s: float, busy: float, passed: bool) -> None:
    jobs = [job for kind, urgent in NAMES for job in real(kind, urgent, 0.1)]
    one = StageSeen(1, 50, busy, simulated_s, None, simulated_s, None, 0.0)
    found = judged(jobs, Seen({kind: one for kind in PLENTY}, []), LASTS)
    assert found["passed"] is passed
    short = [job for kind, urgent in NAMES for job in real(kind, urgent, 0.01)]
    assert not judged(short, Seen({kind: one for kind in PLENTY}, []), LASTS)["passed"], "nothing was compared"


def test_the_page_and_the_tables_are_those_of_the_report() -> None:
    report = json.loads((RESULTS / "scale.json").read_text("utf-8"))
    numbers = [need["calls"] for need in report["cases"][0]["needs"]]
    again = f"python -m bench.scale --calls {' '.join(map(str, numbers))}"
    assert f"`{again}` writes this page" in PAGE.read_text("utf-8")
    assert PAGE.read_text("utf-8") == page(report, checked()), again
    assert (RESULTS / "scale.md").read_text("utf-8") == with_commit(markdown(report), report["commit"]), again
    for one in report["inputs"]:
        assert one["source"] and (one["kind"] in ("measured", "assumption", "setting") or one["date"]), one
        if one["kind"] == "measured":
            assert Path(one["source"].partition(":")[0]).is_file(), one
    assert {one["name"] for one in report["inputs"] if one["name"].startswith("gpu_")} == {
        one["name"] for one in report["inputs"] if one["kind"] in ("elsewhere", "price") and "gpu" in one["name"]
    }, "no time of a GPU is ours"
    assert [case["name"] for case in report["cases"]] == [
        case.name for case in cases(chosen() | measured("base", "opus"))
    ]


def around_s(report: dict[str, Any]) -> float:
    (value,) = (one["value"] for one in report["inputs"] if one["name"] == "around_s")
    return float(value)


def test_the_page_says_so_if_its_times_are_of_an_earlier_comparison() -> None:
    report, check = json.loads((RESULTS / "scale.json").read_text("utf-8")), checked()
    assert check is not None
    used_ms = 1000 * around_s(report)
    for around_ms, said in ((used_ms, False), (used_ms + 1, True)):
        check["measured"]["stt"]["aroundMs"] = around_ms
        assert (f"{around_ms:.1f} ms beside its run. The tables above were" in page(report, check)) is said


def test_a_run_from_the_inputs_to_the_tables() -> None:
    report = simulated(INPUTS, [10], sentences=60)
    assert "| 10 " in markdown(report) and "10 " in page(report, None)
    assert all(need["stages"]["stt"]["workers"] > 0 for case in report["cases"] for need in case["needs"])


def test_the_numbers_of_calls_are_the_command_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[int]] = []

    def noted(path: Path, calls: Sequence[int], **_: Any) -> None:
        asked.append(calls)
        raise BadInput("enough")

    monkeypatch.setattr("bench.scale.__main__.simulated", noted)
    for line in ("--calls 1000 10 10", "--quick", "--quick --calls 1000", ""):
        assert main(line.split()) == 2
    assert asked == [[10, 1000], [10, 30, 100, 300], [1000], list(CALLS)]


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "100001", "9" * 5000])
def test_a_number_of_calls_is_one(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--calls", number])
    assert "--calls" in capsys.readouterr().err
