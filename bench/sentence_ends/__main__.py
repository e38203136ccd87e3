"""`python -m bench.sentence_ends`: where sentences of a human voice end in our final text, and where they did end.

Human prompts of two sentence marks and more (`testing/real_material.py`) through the interpreter with Whisper tiny.en
(short windows with a silent tail, one core), on a virtual clock on which each pass lasts as long as its processor time.
Passes are kept in `build/bench/passes`, so that a second run takes seconds. Told are

- false ends: places at which nothing ended, where our text has a mark or the translation of what follows began anew;
- own ends: sentence ends of the prompt that are ends of our text;
- the time from the last voice to the last translation, of these and of prompts of one sentence;
- BLEU, chrF and TER of the pieces' translations against those of the sentences (by Apertium, where it is installed),
  chrF against those of the whole sentences of our own text, which leaves out what was misheard, and what chrF one
  pass over the whole padded recording has, which hears all of it before it writes a word;
- the same for known sentences, cut between any two words: each piece by itself, and carried on, by the bundled
  translator and by Apertium;
- the curve of all this over delays of the soft end, for prompts and, with the bundled engines, for hesitations.

Figures are for all prompts, for those by which rules may be chosen, and for a third that is held out: prompts whose
name's SHA-256 is 1 modulo 3.

Writes `sentence_ends.json` and `.md` to `bench/results`; the last line of output is one JSON object. The exit status is
0 if at most a tenth of the inner ends are false and at least 85 % of the prompts' own are kept, 2 if the material is
not here. Half an hour on two cores without kept passes. `--quick`: no curve, results under `build/bench/`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.sentence_ends.calls import engines
from bench.sentence_ends.cut_sentences import carried_on
from bench.sentence_ends.figures import Part, hear, hesitating, several
from bench.sentence_ends.recorded_passes import FOLDER, OPTIONS, PADDED, RecordedPasses
from bench.simulated_call.bundled_engines import bundled
from testing.percentiles import percentile
from testing.real_material import WEIGHTS, missing, prompts
from testing.speech_material import LANGUAGES, hesitations
from testing.virtual_clock import VirtualLoop

QUICK = Path("build/bench/sentence_ends")
DELAYS_MS = (100, 160, 240, 400, 600, 900, 1200)
HESITATIONS = 60
MOST_FALSE, LEAST_KEPT = 0.1, 0.85


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", type=Path, default=WEIGHTS, help="another Whisper folder in CTranslate2's format")
    options.add_argument("--passes", type=Path, default=FOLDER, help="the folder of kept passes")
    options.add_argument("--delays", type=int, nargs="*", default=list(DELAYS_MS), help="soft ends of the curve, ms")
    options.add_argument("--quick", action="store_true", help="no curve; the results in the repository stay")
    options.add_argument("--out", type=Path, help="the folder of the results")
    given = options.parse_args(arguments)
    if lacking := missing():
        print(f"bench.sentence_ends: {lacking}", file=sys.stderr)
        return 2
    passes = RecordedPasses(given.model, given.passes)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        report = runner.run(measure(passes, [] if given.quick else given.delays))
    return publish("sentence_ends", report, markdown(report), given.out or (QUICK if given.quick else RESULTS))


async def measure(passes: RecordedPasses, delays_ms: Sequence[int]) -> dict[str, Any]:
    all_prompts = prompts()
    used = [one for one in all_prompts if several(one)]
    padded = RecordedPasses(passes.path, passes.folder, **PADDED)
    chosen_by, held_out = await hear(passes, used, padded=padded)
    single = sum(await hear(passes, [one for one in all_prompts if not several(one)]), start=Part())
    both = chosen_by + held_out
    cut = {}
    async with bundled() as (stages, _):
        cut["bundled"] = {language: await carried_on(stages, language) for language in LANGUAGES}
    async with engines(passes) as stages:
        cut["Apertium"] = {language: await carried_on(stages, language) for language in LANGUAGES}
    curve = []
    turns = hesitations(HESITATIONS)
    for delay_ms in delays_ms:
        by_choice, out = await hear(passes, used, delay_ms)
        curve.append({
            "delayMs": delay_ms,
            "all": (by_choice + out).as_json(), "heldOut": out.as_json(),
            "hesitations": await hesitating(turns, delay_ms),
        })  # fmt: skip
        print(f"{delay_ms} ms: {curve[-1]}", file=sys.stderr, flush=True)
    found = both.as_json()
    return {
        "passed": (found["falseShare"] or 0) <= MOST_FALSE and (found["keptShare"] or 0) >= LEAST_KEPT,
        "model": passes.path.name,
        "options": OPTIONS,
        "passMs": {"p50": percentile(passes.ms, 0.5), "p95": percentile(passes.ms, 0.95)},
        "all": found,
        "toChooseBy": chosen_by.as_json(),
        "heldOut": held_out.as_json(),
        "ofOneSentence": single.as_json(),
        "cutWithin": cut,
        "curve": curve,
    }


def markdown(report: dict[str, Any]) -> str:
    """The figures as tables."""
    head = ("prompts", "n", "inner ends", "false", "at commas", "marked", "own ends kept", "words wrong", "BLEU",
            "chrF", "TER", "chrF, own words", "chrF, whole recording", "last translation p50, ms", "p95")  # fmt: skip
    names = {"all": "all of two marks and more", "toChooseBy": "to choose by", "heldOut": "held out",
             "ofOneSentence": "of one sentence"}  # fmt: skip
    lines = [
        "# Sentences that stay whole", "",
        f"`python -m bench.sentence_ends`: human prompts through {report['model']}, short windows with a silent tail; "
        f"a pass takes {report['passMs']['p50']} ms (p50; p95 {report['passMs']['p95']}). A *false* end is a place "
        "where the prompt has no sentence mark and our final text has one, or the translation began anew.", "",
        table(head, [(name, *_cells(report[key])) for key, name in names.items()]), "",
        "Known sentences, cut between any two words; chrF of the joined pieces against the whole:", "",
        table(("translator", "from", "sentences", "carried on", "each by itself", "carried on, chrF"), [
            (engine, language, one["sentences"], one["carriedOn"], one["chrfAnew"], one["chrf"])
            for engine, found in report["cutWithin"].items() for language, one in found.items()
        ]), "",
    ]  # fmt: skip
    if report["curve"]:
        rows = (
            (
                one["delayMs"], one["all"]["falseShare"], one["all"]["keptShare"], one["all"]["lateP50Ms"],
                one["all"]["lateP95Ms"], one["heldOut"]["falseShare"], one["hesitations"]["cutShare"],
                one["hesitations"]["lateP50Ms"],
            )
            for one in report["curve"]
        )  # fmt: skip
        lines += [
            "False cut-offs against the delay of the soft end (hesitations: bundled engines, pauses of 150-900 ms):",
            "",
            table(("soft end, ms", "false ends", "own ends kept", "last p50, ms", "p95", "false, held out",
                   "hesitations cut", "their p50, ms"), rows), "",
        ]  # fmt: skip
    return "\n".join(lines)


def _cells(part: dict[str, Any]) -> tuple[Any, ...]:
    share = "" if part["falseShare"] is None else f" ({part['falseShare']:.0%})"
    return (
        part["prompts"], part["inner"], f"{part['false']}{share}", part["atCommas"], part["marked"],
        f"{part['kept']} of {part['own']}", part["wer"], part.get("bleu"), part.get("chrf"),
        part.get("ter"), part.get("chrfOfOwnWords"), part.get("chrfOfRecording"), part["lateP50Ms"], part["lateP95Ms"],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
