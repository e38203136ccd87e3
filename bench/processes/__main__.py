"""`python -m bench.processes`: what a second process at the same port adds, with the same share of a core for each.

`dragoman serve` with scripted engines, once with one process and once with two. Each process takes calls up to a fifth
of a core (`DRAGOMAN_BUSY_SHARE=0.2`), so that two cores bear the server and its load. Real calls over UDP are added
until the server refuses. The results are the number of calls that it holds then, and the processor time of all of its
processes for each of them.

Writes `bench/results/processes.json` and `.md`; the last line of output is one JSON object, the exit status says
whether the targets were met. Two minutes of a quiet machine with two cores or more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.own_server import SETTINGS, end, start
from bench.report.machine import Watch, described
from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.report.target import Target
from bench.rtp_load.cores import Failed

FOLDER = Path("build/bench/processes")
SHARE = 0.2
LEAST_MORE, MOST_CPU = 1.7, 1.15
"""Targets: calls of two processes, of those of one; processor time of a call, likewise."""
PLAN = {"on_s": 12.0, "watch_s": 8.0, "longest_s": 90.0}
"""Seconds: of asking on after the first refusal, of watching then, and at most until then."""
EVERY_S = 2.0
"""Time between two new calls, for each process: admission looks at the last five seconds."""
ENGINES = {
    "DRAGOMAN_MODELS": "scripted",
    "DRAGOMAN_STT": 'scripted:{"texts": {"en": "word", "es": "palabra"}}',
    "DRAGOMAN_TTS": 'scripted:{"seconds": 1.5, "tone_hz": 600}',
    "DRAGOMAN_VAD": "loudness",
    "DRAGOMAN_ACCOUNTS": "false",
    "DRAGOMAN_SESSIONS": "1000",
    "DRAGOMAN_BUSY_SHARE": str(SHARE),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args(arguments)
    began = time.monotonic()
    try:
        with Watch() as watch:
            found = {number: asyncio.run(_held(number)) for number in (1, 2)}
    except (Failed, subprocess.SubprocessError) as reason:
        print(f"bench.processes: {reason}", file=sys.stderr)
        return 2
    report = judged(found)
    report |= {"seconds": round(time.monotonic() - began), "othersShare": watch.others, "machine": described()}
    return publish("processes", report, markdown(report), RESULTS)


async def _held(processes: int) -> dict[str, Any]:
    """Run a server of that many processes, and return what the load saw. Raises Failed."""
    folder = FOLDER / str(processes)
    settings = {**SETTINGS, **ENGINES, "DRAGOMAN_PROCESSES": str(processes)}
    server, url = await start(folder, settings)
    try:
        job = {"url": url, "pid": server.pid, "plan": {**PLAN, "every_s": EVERY_S / processes}}
        with (folder / "load.log").open("wb") as errors:
            load = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.processes.load",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
            out, _ = await load.communicate(json.dumps(job).encode())
        if load.returncode:
            raise Failed(f"the load failed: see {folder / 'load.log'}")
        result: dict[str, Any] = json.loads(out)
        return result
    finally:
        await end(server, signal.SIGTERM, 60)


def judged(found: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the report on what one process held, and two."""
    one, two = found[1], found[2]
    more = round(two["calls"] / one["calls"], 2) if one["calls"] else 0.0
    dearer = round(two["cpu_of_a_call"] / one["cpu_of_a_call"], 2) if one["cpu_of_a_call"] else float("inf")
    filled = all(each["refused"] and not each["refused_otherwise"] for each in found.values())
    targets = [
        Target("5", "calls of two processes, of those of one", f"≥ {LEAST_MORE}", more, more >= LEAST_MORE),
        Target("5", "processor time of a call, likewise", f"≤ {MOST_CPU}", dearer, dearer <= MOST_CPU),
        Target("5", "both were full, and nothing else failed", "1", float(filled), filled),
    ]
    return {
        "passed": all(target.passed for target in targets),
        "targets": [target.as_json() for target in targets],
        "processes": {str(number): dict(each) for number, each in found.items()},
    }


def markdown(report: Mapping[str, Any]) -> str:
    machine = report["machine"]
    verdicts = [
        [one["what"], one["value"], one["limit"], "pass" if one["passed"] else "FAIL"] for one in report["targets"]
    ]
    rows = [
        [number, each["calls"], f"{each['cpu_of_a_call']:.1%}", each["late_p99_ms"]]
        for number, each in report["processes"].items()
    ]
    return "\n".join(
        [
            "# One process and two at one port",
            "",
            f"`python -m bench.processes`, {report['seconds']} s; {machine['cpu']}, Linux {machine['kernel']}, Python "
            f"{machine['python']}; other programs took {report['othersShare'] * 100:.0f} % of the machine. Scripted "
            f"engines; each process takes calls up to {SHARE:.0%} of a core. The load runs on the same machine.",
            "",
            table(["", "value", "target", ""], verdicts),
            "",
            "Processor time is that of all processes of the server, parent and engines included, as a share of a core.",
            "",
            table(["processes", "calls held", "processor time of a call", "late p99, ms"], rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
