"""`python -m bench.remote`: what it costs that engines are workers on the other side of a Redis.

One person speaks sentences in real time to two interpreters in turn: one with engines in processes here, one whose
engines are workers on this machine, reached by way of a Redis. Engines are scripted and take no time, so that the
difference is the way to them and back. The results are the time from the last voiced frame to the first sound of the
translation, the bytes that go through Redis for a minute of speech, and the jobs that 1, 2 and 4 workers do in a
second.

Writes `bench/results/remote.json` and `.md`; the last line of output is one JSON object, the exit status says whether
the targets were met. Nine minutes of a quiet machine. `--quick`: two minutes, results under `build/bench/`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.remote.sentences import SPOKEN_S, first_sounds
from bench.remote.there import workers
from bench.remote.throughput import SERVICE_S, jobs_a_second
from bench.report.machine import Watch, described
from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.report.target import Target
from pipeline.engines.registry import Kind
from remote.connection import connect
from server.engine_choice.from_settings import engine_set
from server.settings import Settings

QUICK = Path("build/bench/remote")
ENGINES: dict[Kind, str] = {
    "stt": 'scripted:{"texts": {"en": "This is a sentence of the bench."}}',
    "mt": 'scripted:{"pattern": "{target}: {text}"}',
    "tts": 'scripted:{"seconds": 1.0}',
}
MOST_MS = {"p50": 15.0, "p95": 40.0}
"""Targets: what the first sound may be later than with engines here."""
LEAST_SHARE = 0.9
"""Target: what each of several workers does, of what one does alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="eight sentences each; the results here stay")
    given = options.parse_args(arguments)
    began = time.monotonic()
    with Watch() as watch:
        times, moved = asyncio.run(_measured(sentences := 8 if given.quick else 60))
        rates = asyncio.run(jobs_a_second(5 if given.quick else 30))
    report = judged(times, rates, moved, sentences * SPOKEN_S)
    report |= {"seconds": round(time.monotonic() - began, 1), "othersShare": watch.others, "machine": described()}
    return publish("remote", report, markdown(report), QUICK if given.quick else RESULTS)


async def _measured(sentences: int) -> tuple[dict[str, list[float]], int]:
    """Return the first sounds, s, by where the engines are, and the bytes that went through Redis."""
    with workers(ENGINES.items()) as url:
        here = Settings(stt=ENGINES["stt"], mt=ENGINES["mt"], tts=ENGINES["tts"])
        there = Settings(stt="redis", mt="redis", tts="redis", redis_url=url)
        async with engine_set(here) as ours, engine_set(there) as theirs:
            async with asyncio.timeout(120):
                await ours.wait_ready()
                await theirs.wait_ready()
            await first_sounds([ours, theirs], 2)  # every connection is open, and every cache warm
            redis = connect(url)
            before = await redis.info("stats")
            times = await first_sounds([ours, theirs], sentences)
            after = await redis.info("stats")
            await redis.aclose()
    moved = sum(after[name] - before[name] for name in ("total_net_input_bytes", "total_net_output_bytes"))
    return dict(zip(("here", "workers"), times, strict=True)), moved


def judged(times: dict[str, list[float]], rates: dict[int, float], moved: int, spoken_s: float) -> dict[str, Any]:
    """Return the report: percentiles in ms, verdicts, jobs a second, and bytes for each minute of speech."""
    found = {name: {share: percentile(one, share) for share in MOST_MS} for name, one in times.items()}
    verdicts = []
    for share, most in MOST_MS.items():
        later = round(found["workers"][share] - found["here"][share], 1)
        verdicts.append(Target("4", f"first sound later by workers, {share}", f"≤ {most:g} ms", later, later <= most))
    most_workers = max(rates)
    each = round(rates[most_workers] / rates[1] / most_workers, 3)
    what = f"jobs a second of {most_workers} workers, of those of one, each"
    verdicts.append(Target("5", what, f"≥ {LEAST_SHARE:g}", each, each >= LEAST_SHARE))
    return {
        "passed": all(one.passed for one in verdicts),
        "targets": [one.as_json() for one in verdicts],
        "firstSoundMs": found,
        "sentences": len(times["here"]),
        "jobsASecond": {str(number): rate for number, rate in rates.items()},
        "bytesOfASpokenMinute": round(moved / spoken_s * 60),
    }


def percentile(times: list[float], share: str) -> float:
    """Return the 50th or 95th percentile of times in s, in ms."""
    return round(statistics.quantiles(times, n=100, method="inclusive")[int(share[1:]) - 1] * 1000, 1)


def markdown(report: dict[str, Any]) -> str:
    found = report["firstSoundMs"]
    later = {one["what"].rpartition(" ")[2]: one for one in report["targets"] if one["number"] == "4"}
    rows = [
        [share, found["here"][share], found["workers"][share], later[share]["value"], later[share]["limit"]]
        for share in MOST_MS
    ]
    return "\n".join(
        [
            "# Engines here, and engines as workers",
            "",
            f"`python -m bench.remote`, {report['seconds']} s, {report['sentences']} sentences each, scripted engines "
            f"that take no time; other programs took {report['othersShare'] * 100:.0f} % of the machine. From the last "
            "voiced frame to the first sound of the translation:",
            "",
            table(["first sound", "engines here, ms", "workers, ms", "later, ms", "target"], rows),
            "",
            f"Through Redis, in and out: {report['bytesOfASpokenMinute'] / 1e6:.1f} MB for a minute of speech, its "
            "interims and its speech included.",
            "",
            f"Jobs a second, where each takes an engine {SERVICE_S * 1000:.0f} ms:",
            "",
            table(["workers", "jobs a second"], [[number, rate] for number, rate in report["jobsASecond"].items()]),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
