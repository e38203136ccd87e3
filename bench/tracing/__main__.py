"""`python -m bench.tracing`: what traces cost, while they are off, and in a call while they are on.

1. Time for each event, by a loop over many: what a step costs that is timed and observed by nobody, over two readings
   of the clock, which are needed anyway (traces off); and what the same step and its job cost with their spans (on).
2. Processor time of a simulated call between English and Spanish, with the bundled engines, the real interpreters and
   voice detector, on a clock that stands still while engines work: interleaved pairs of the same call, one with traces,
   sent by OTLP to a receiver in another process, and one without. All threads of this process count.

Writes `bench/results/tracing.json` and `.md`; the last line of output is one JSON object. The exit status is 0 if an
event costs at most 2 µs with traces off, and the median of the pairs at most 3 % more. `--quick`: two pairs of a short
call, results under `build/bench/`. Ten minutes else, on a quiet machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.report.machine import described
from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.tracing.events import step_off_us, step_on_us
from bench.tracing.pairs import Pair, pairs

QUICK = Path("build/bench/tracing")
MOST_OFF_US, MOST_SHARE = 2.0, 0.03


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="two pairs; the results in the repository stay")
    options.add_argument("--pairs", type=int, help="number of pairs")
    options.add_argument("--turns", type=int, help="sentences of the call")
    options.add_argument("--out", type=Path, help="the folder of the results")
    given = options.parse_args(arguments)
    count, turns = given.pairs or (2 if given.quick else 10), given.turns or (2 if given.quick else 20)
    off_us, on_us = step_off_us(), step_on_us()
    found = pairs(count, turns)
    report = {"machine": described(), "turns": turns, **verdict(off_us, on_us, found)}
    return publish("tracing", report, markdown(report), given.out or (QUICK if given.quick else RESULTS))


def verdict(off_us: float, on_us: float, found: Sequence[Pair]) -> dict[str, Any]:
    """Return the figures, and if they keep to the targets."""
    share = median(pair.share for pair in found)
    complete = all(pair.spans_sent == pair.spans_made > 0 for pair in found)
    return {
        "eventOffUs": round(off_us, 2),
        "eventOnUs": round(on_us, 1),
        "pairs": [
            {"offS": round(pair.off_s, 3), "onS": round(pair.on_s, 3), "share": round(pair.share, 4),
             "spans": pair.spans_made, "sent": pair.spans_sent}
            for pair in found
        ],
        "medianShare": round(share, 4),
        "passed": off_us <= MOST_OFF_US and share <= MOST_SHARE and complete,
    }  # fmt: skip


def markdown(report: dict[str, Any]) -> str:
    """Return the report as tables."""
    rows = [
        ["an event, traces off", f"≤ {MOST_OFF_US:g} µs", f"{report['eventOffUs']} µs"],
        ["the same with its spans, traces on", "", f"{report['eventOnUs']} µs"],
        ["more processor time in a call, median", f"≤ {MOST_SHARE:.0%}", f"{report['medianShare']:.1%}"],
    ]
    calls = [
        [str(number), *(str(pair[key]) for key in ("offS", "onS")), f"{pair['share']:.1%}", str(pair["spans"])]
        for number, pair in enumerate(report["pairs"], 1)
    ]
    return "\n".join(
        [
            "# What traces cost",
            "",
            f"`python -m bench.tracing`, on {report['machine']['cpu']}; {report['turns']} sentences in each call.",
            "",
            table(["what", "wanted", "found"], rows),
            "",
            table(["pair", "off, s of processor time", "on", "more", "spans"], calls),
            "",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
