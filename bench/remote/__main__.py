"""`python -m bench.remote`: what it costs that engines are workers on the other side of a Redis.

One person speaks sentences in real time to two interpreters in turn: one with engines in processes here, one whose
engines are workers on this machine, reached by way of a Redis. Engines are scripted and take no time, so that the
difference is the way to them and back. Told are the time from the last voiced frame to the first sound of the
translation, and the bytes that go through Redis for a minute of speech.

Writes `bench/results/remote.json` and `.md`; the last line of output is one JSON object, the exit status says whether
the targets were met. Seven minutes of a quiet machine. `--quick`: one minute, results under `build/bench/`.
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


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="eight sentences each; the results here stay")
    given = options.parse_args(arguments)
    began = time.monotonic()
    with Watch() as watch:
        report = asyncio.run(_measured(8 if given.quick else 60))
    report |= {"seconds": round(time.monotonic() - began, 1), "othersShare": watch.others, "machine": described()}
    return publish("remote", report, markdown(report), QUICK if given.quick else RESULTS)


async def _measured(sentences: int) -> dict[str, Any]:
    with workers(ENGINES) as url:
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
    return judged(dict(zip(("here", "workers"), times, strict=True)), moved, sentences * SPOKEN_S)


def judged(times: dict[str, list[float]], moved: int, spoken_s: float) -> dict[str, Any]:
    """Return the report: percentiles in ms, verdicts, and bytes for each minute of speech."""
    found = {name: {share: percentile(one, share) for share in MOST_MS} for name, one in times.items()}
    verdicts = []
    for share, most in MOST_MS.items():
        later = round(found["workers"][share] - found["here"][share], 1)
        verdicts.append(Target("4", f"first sound later by workers, {share}", f"≤ {most:g} ms", later, later <= most))
    return {
        "passed": all(one.passed for one in verdicts),
        "targets": [one.as_json() for one in verdicts],
        "firstSoundMs": found,
        "sentences": len(times["here"]),
        "bytesOfASpokenMinute": round(moved / spoken_s * 60),
    }


def percentile(times: list[float], share: str) -> float:
    """Return the 50th or 95th percentile of times in s, in ms."""
    return round(statistics.quantiles(times, n=100, method="inclusive")[int(share[1:]) - 1] * 1000, 1)


def markdown(report: dict[str, Any]) -> str:
    found = report["firstSoundMs"]
    later = {one["what"].rpartition(" ")[2]: one for one in report["targets"]}
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
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
