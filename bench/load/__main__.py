"""`python -m bench.load`: how many translated calls this machine holds, with the bundled and with scripted engines.

Headless clients call each other in pairs through a real server, over real UDP, and say sentences in turn. Calls are
added until the translation is heard later than the bar allows, a sentence is lost, or the voice is paced late
(`bench.load.steps`). Writes `bench/results/load.json`, `.md` and `.png`; the last line of output is one JSON object.
Half an hour of a quiet machine; `--quick`: three minutes, one to three calls.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from bench.environments import install
from bench.load.growing import Plan, grown
from bench.load.steps import Step, capacity
from bench.load.table import markdown
from bench.report.machine import Watch, described
from bench.report.publishing import RESULTS, publish
from bench.talk.dialogue import recorded
from bench.talk.server_process import FOLDER, Failed, dragoman

ENGINES = {
    "starter": {"DRAGOMAN_MODELS": "starter"},
    "scripted": {
        "DRAGOMAN_MODELS": "scripted",
        "DRAGOMAN_STT": 'scripted:{"texts": {"en": "one two three four", "es": "uno dos tres cuatro"}}',
        "DRAGOMAN_TTS": 'scripted:{"seconds": 1.5, "tone_hz": 600}',
    },
}
"""Settings of the server. Scripted engines cost nothing: what is left is the call itself."""
FULL, QUICK = Plan(seconds=60.0, most=200), Plan(seconds=24.0, most=3)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="three calls at most; writes into build/ only")
    options.add_argument("--engines", choices=ENGINES, action="append", help="both, if none is named")
    given = options.parse_args()
    began = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {"machine": described(), "engines": {}}
    try:
        install(["tools"])
        with Watch() as watch:
            for name in given.engines or ENGINES:
                report["engines"][name] = _measured(name, QUICK if given.quick else FULL)
    except Failed as reason:
        print(f"bench.load: {reason}", file=sys.stderr)
        return 2
    report |= {"others": watch.others, "took_s": round(time.monotonic() - began)}
    report["passed"] = all(one["capacity"] > 0 for one in report["engines"].values())
    folder = FOLDER / "load" if given.quick else RESULTS
    return publish("load", report, markdown(report), folder, plot=Path(__file__).with_name("plot.py"))


def _measured(name: str, plan: Plan) -> dict[str, Any]:
    wavs = recorded(FOLDER)
    with dragoman(ENGINES[name] | {"DRAGOMAN_SESSIONS": "1000"}, f"load-{name}") as url:
        steps = asyncio.run(grown(url, wavs, plan, lambda step: _say(name, step)))
    return {"capacity": capacity(steps), "steps": [step.as_json(steps[0]) for step in steps]}


def _say(name: str, step: Step) -> None:
    print(f"{name}: {step.calls} calls, {len(step.late)} turns, {step.lost} lost", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
