"""`python -m bench.scale`: how many nodes and workers 10 to 10,000 calls need, how long jobs wait, what it costs.

A simulation, fed with what other benches measured (`bench/results`) and with prices and assumptions
(`bench/scale/inputs.toml`): engines on cores or on a GPU, one job at a time or in batches. It measures nothing, and
needs no quiet machine. Writes `bench/results/scale.json`, `.md` and `.png`, and the page `docs/scale.md`; the last line
of output is one JSON object, the exit status says whether all waits keep their bounds. Minutes of all cores.
`--calls`: other numbers of calls; the page names those that it was written with. `--quick`: up to 300 calls, in a few
seconds, into `build/bench/`.

`--check` compares the simulation with a real Redis, real workers and the lanes of two nodes instead, two minutes on a
quiet machine, and writes `bench/results/scale_check.json` and `.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from bench.environments import install
from bench.report.machine import Watch, described
from bench.report.publishing import RESULTS, publish
from bench.scale.cases import GPU_STT, MT, STT, Case, cases, talk_of
from bench.scale.inputs import INPUTS, BadInput, Input, chosen, measured
from bench.scale.real_run import LEAST_WAIT_S, MOST, compared
from bench.scale.simulation import Lasts
from bench.scale.sizing import Needed, needed
from bench.scale.table import check_markdown, markdown, page

CALLS = 10, 30, 100, 300, 1000, 3000, 10_000
MOST_QUICKLY, MOST_CALLS = 300, 100_000
SENTENCES = 2000
"""Sentences of a run, as long as it lasts no more and no less than so many seconds."""
LEAST_S, MOST_S, BEFORE_S = 4.0, 1200.0, 6.0
QUICK = Path("build/bench/scale")
PAGE = Path("docs/scale.md")


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=_calls, nargs="+", help="numbers of calls at once", metavar="NUMBER")
    options.add_argument("--quick", action="store_true", help=f"up to {MOST_QUICKLY} calls; writes into build/ only")
    options.add_argument("--check", action="store_true", help="compare with a real run instead")
    options.add_argument("--inputs", type=Path, help="prices and assumptions of your own; writes into build/ only")
    given = options.parse_args(arguments)
    if given.check:
        return _check(QUICK if given.quick else RESULTS)
    try:
        usual = [number for number in CALLS if not given.quick or number <= MOST_QUICKLY]
        calls = sorted(set(given.calls or usual))
        report = simulated(given.inputs or INPUTS, calls, processes=os.cpu_count() or 1)
    except BadInput as reason:
        print(f"bench.scale: {reason}", file=sys.stderr)
        return 2
    if given.quick or given.inputs:
        return publish("scale", report, markdown(report), QUICK, unprinted=("cases", "inputs"))
    install(["tools"])
    plot = Path(__file__).with_name("plot.py")
    status = publish("scale", report, markdown(report), plot=plot, unprinted=("cases", "inputs"))
    PAGE.write_text(page(report, checked()), encoding="utf-8")
    return status


def _calls(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_CALLS:
        raise argparse.ArgumentTypeError(f"it must be a number from 1 to {MOST_CALLS}")
    return int(text)


def simulated(
    path: Path, calls: Sequence[int], folder: Path = RESULTS, sentences: int = SENTENCES, processes: int = 1
) -> dict[str, Any]:
    """Return the report, of about so many `sentences` for each number of calls. Raises BadInput."""
    began = time.monotonic()
    inputs = chosen(path) | measured(STT, MT, folder)
    every = list(cases(inputs, folder))
    tasks = [(case, number, inputs, sentences) for number in sorted(calls, reverse=True) for case in every]
    if processes == 1:
        found = list(map(_needed, tasks))
    else:
        with ProcessPoolExecutor(processes) as pool:
            found = list(pool.map(_needed, tasks))
    needs = {(case.name, number): one for (case, number, *_), one in zip(tasks, found, strict=True)}
    heard = [len(one.seen.heard) for one in found]
    return {
        "passed": all(one.kept for one in found),
        "seconds": round(time.monotonic() - began),
        "sentences": [min(heard), max(heard)],
        "models": {"stt": STT, "mt": MT, "gpu_stt": GPU_STT},
        "inputs": [one.as_json() for one in inputs.values()],
        "cases": [
            {
                "name": case.name,
                "device": case.device,
                "batches": case.batches,
                "needs": [needs[case.name, number].as_json() for number in calls],
            }
            for case in every
        ],
    }


def _needed(task: tuple[Case, int, Mapping[str, Input], int]) -> Needed:
    """Simulate one number of calls in one case, about so many sentences of it."""
    case, number, inputs, sentences = task
    talk = talk_of(inputs)
    seconds = sentences / (number * talk.jobs_a_second("mt"))
    found = needed(number, case, talk, inputs, Lasts(min(max(seconds, LEAST_S), MOST_S), BEFORE_S))
    print(f"{case.name}, {number} calls: {found.cores} cores, {found.gpus} GPUs", file=sys.stderr, flush=True)
    return found


def _check(folder: Path) -> int:
    with Watch() as watch:
        report = asyncio.run(compared())
    report |= {"othersShare": watch.others, "machine": described(), "most": MOST}
    report["leastWaitMs"] = round(LEAST_WAIT_S * 1000)
    return publish("scale_check", report, check_markdown(report), folder)


def checked(folder: Path = RESULTS) -> dict[str, Any] | None:
    """Return the last comparison with a real run, if there is one."""
    path = folder / "scale_check.json"
    report: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
    return report


if __name__ == "__main__":
    sys.exit(main())
