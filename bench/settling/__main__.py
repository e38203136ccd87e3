"""`python -m bench.settling`: how to know, while somebody talks on, which words will not change any more.

Turns of several sentences in one breath through the real interpreter and the bundled engines, on a virtual clock that
stands still while engines work; only the rule differs: passes that agree, words that are old enough, both, or a single
pass whose word times are believed. The results are how late clauses become final, how many come out exactly, and how
much is taken back in the subtitles. The engine time of a rule is not measured, only its number of passes.

Writes `bench/results/settling.json` and `.md`; the last line of output is one JSON object. Exit status 0 if no other
rule gets more clauses right than the one that Dragoman uses, or as many sooner. About a minute. `--quick`: two turns,
results under `build/bench/`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.settling.rules import RULES, best, heard_by
from testing.speech_material import long_turns
from testing.virtual_clock import VirtualLoop

QUICK = Path("build/bench/settling")
COUNT = 8
JOINED_MS = 20, 80
"""Between two sentences: no pause that tells of an end by itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="two turns; the results in the repository stay")
    given = options.parse_args(arguments)
    began = time.monotonic()
    turns = long_turns(COUNT, joined_ms=JOINED_MS)[:: COUNT // 2 if given.quick else 1]
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        rows = [{"name": rule.name, **runner.run(heard_by(rule, turns)).as_json()} for rule in RULES]
    report: dict[str, Any] = {"passed": best(rows), "seconds": round(time.monotonic() - began, 1), "rules": rows}
    return publish("settling", report, markdown(report), QUICK if given.quick else RESULTS)


def markdown(report: dict[str, Any]) -> str:
    rows = (
        [one["name"], f"{one['exact']} of {one['clauses']}", one["never"], one["lateP50Ms"], one["lateP95Ms"],
         one["erasure"], one["passes"]]
        for one in report["rules"]
    )  # fmt: skip
    return "\n".join(
        [
            "# Which words will not change any more",
            "",
            f"`python -m bench.settling`, {report['seconds']} s: turns of several sentences in one breath, the bundled "
            "engines, a clock that stands still while they work. *Late* is from the end of a clause at the mouth to "
            "when the last of it was settled, that is, translated.",
            "",
            table(["rule", "exact", "never", "late p50, ms", "late p95, ms", "words taken back", "passes"], rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
