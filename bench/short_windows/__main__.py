"""`python -m bench.short_windows`: what real Whisper weights lose, and gain, by short windows with a silent tail.

Human prompts (`testing/real_material.py`) through Whisper tiny.en: padded to 30 s, and by several margins and silent
tails. For each way: word errors, the difference from padded in points with its 95 % interval (paired bootstrap over
prompts), and processor time. Figures are for all prompts, for those by which a way may be chosen, and for a third that
is held out: prompts whose name's SHA-256 is 1 modulo 3. `--interims` compares prompts that are cut at 35, 60 and 80 %
with what the padded encoder hears of them.

Writes `short_windows.json` and `.md` to `build/bench`; the last line of output is one JSON object. The exit status is 0
if the way of `--way` costs no more than half a point on the prompts that are held out, 2 if the material is not here.
Five minutes on two cores. `--quick`: twelve prompts, two ways.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report.markdown import table
from bench.report.publishing import publish
from bench.short_windows.ways import PADDED, Way, hear, interims, row
from pipeline.engines import EngineError
from pipeline.engines.whisper.transcriber import Whisper
from testing.real_material import WEIGHTS, Prompt, missing, prompts

OUT = Path("build/bench/short_windows")
CHOSEN = Way(100, 3000)
WAYS = (Way(30, 3000), CHOSEN, Way(200, 3000), Way(100, 2000), Way(100, 1000), Way(100, 0))
LONGEST_S = 20.0
"""Longer prompts are several windows, or nearly a whole one."""
MOST_POINTS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default=str(WEIGHTS), help="another Whisper folder in CTranslate2's format")
    options.add_argument("--way", type=Way.of, default=CHOSEN, help=f"margin:tail that is judged ({CHOSEN})")
    options.add_argument("--ways", type=Way.of, nargs="*", help="margin:tail of others beside it")
    options.add_argument("--threads", type=int, default=1, help="threads of a pass (1)")
    options.add_argument("--interims", action="store_true", help="compare prompts that are cut short, too")
    options.add_argument("--quick", action="store_true", help="twelve prompts and one way")
    options.add_argument("--out", type=Path, default=OUT, help="the folder of the results")
    given = options.parse_args(arguments)
    if told := missing():
        print(f"bench.short_windows: {told}", file=sys.stderr)
        return 2
    used = [one for one in prompts() if one.seconds < LONGEST_S]
    others = [] if given.quick else list(WAYS if given.ways is None else given.ways)
    if given.quick:
        used = used[:: max(1, len(used) // 12)][:12]
    ways = [given.way, *(way for way in others if way != given.way)]
    try:
        report = measure(given.model, used, ways, threads=given.threads, cut=given.interims)
    except EngineError as error:
        print(f"bench.short_windows: {error}", file=sys.stderr)
        return 2
    return publish("short_windows", report, markdown(report), given.out)


def measure(
    model: str, used: Sequence[Prompt], ways: Sequence[Way], *, threads: int = 1, cut: bool = False
) -> dict[str, Any]:
    """Return the report on the first of `ways`, with the others beside it."""
    whisper = Whisper.of(model, threads=threads)
    whisper.warm_up()

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    padded = hear(whisper, PADDED, used, say)
    heard = [padded, *(hear(whisper, way, used, say) for way in ways)]
    parts = {
        "all": list(range(len(used))),
        "toChooseBy": [n for n, one in enumerate(used) if not one.held_out],
        "heldOut": [n for n, one in enumerate(used) if one.held_out],
    }
    rows = {part: [row(one, padded, used, numbers) for one in heard] for part, numbers in parts.items()}
    report: dict[str, Any] = {
        "passed": float(str(rows["heldOut"][1]["morePoints"])) <= MOST_POINTS,
        "model": model,
        "threads": threads,
        "way": str(ways[0]),
        **rows,
    }
    if cut:
        report["interims"] = interims(whisper, ways[0], used)
    return report


def markdown(report: dict[str, Any]) -> str:
    """The figures as tables."""
    head = ("way", "words wrong", "points more", "95 % interval", "texts that differ", "CPU ms", "of padded", "at 3 s")
    lines = [f"# Short windows: {report['model']}, {report['threads']} thread(s)", ""]
    for part, title in (("all", "All"), ("toChooseBy", "To choose by"), ("heldOut", "Held out")):
        first = report[part][0]
        lines += [f"## {title}: {first['prompts']} prompts, {first['words']} words", ""]
        cells = (
            (
                one["way"], f"{one['errors']} ({one['wer']:.1%})", one["morePoints"],
                " to ".join(map(str, one["interval95"])), one["differ"], one["cpuMs"], one["cpuOfPadded"],
                one["cpuOfPaddedAt3s"],
            )
            for one in report[part]
        )  # fmt: skip
        lines += [table(head, cells), ""]
    if cut := report.get("interims"):
        lines += [
            f"Cut short ({cut['count']} passes): {cut['differing']:.1%} of {cut['words']} words differ from the padded "
            f"pass; {cut['ms']} ms of processor time against {cut['paddedMs']}.",
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
