"""`python -m bench.sentence_ends`: where sentences of a human voice end in our final text, and where they did end.

Human prompts of two sentence marks and more (`testing/real_material.py`) through the interpreter with Whisper tiny.en
(short windows with a silent tail, one core), each on a virtual clock of its own on which a pass lasts 130 ms, or as
`--pass-ms` says: so the figures are the same on any machine. Passes that end at other times hear other windows, so the
figures for other speeds (`--speeds`) tell how far they go by chance. Passes are kept in `build/bench/passes`, so that a
second run takes seconds. Told are

- false ends: places at which nothing ended, where our text has a mark or the translation of what follows began anew;
- own ends: sentence ends of the prompt that are ends of our text;
- the time from the last voice to the last translation, of these and of prompts of one sentence;
- chrF of the pieces' translations (by Apertium, where it is installed) against those of whole sentences, in three ways
  (ADR 19): of the heard words with the prompts' sentence ends, which leaves out what was misheard; of the prompts' own
  text, which does not (BLEU and TER, too); and of the heard words with our own ends, which leaves out false ends. And
  what passes over whole padded recordings have there, and commit a7e6b9c had (`halfway`);
- the same for known sentences, cut between any two words: each piece by itself, and carried on, by the bundled
  translator and by Apertium;
- the curve of all this over delays of the soft end, for prompts and, with the bundled engines, for hesitations.

Figures are for all prompts, for those by which rules may be chosen, and for a third that is held out: prompts whose
name's SHA-256 is 1 modulo 3.

Writes `sentence_ends.json` and `.md` to `bench/results`; the last line of output is one JSON object. The exit status is
0 if at most a tenth of the inner ends are false, at least 85 % of the prompts' own are kept, and chrF of the first way
is at least halfway from a7e6b9c's to 100; 2 if the material is not here. Half an hour on two cores without kept passes.
`--quick`: no curve, no other speeds, results under `build/bench/`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.sentence_ends.calls import engines
from bench.sentence_ends.cut_sentences import carried_on
from bench.sentence_ends.figures import Part, hear, hesitating, several
from bench.sentence_ends.halfway import BEFORE, BEFORE_ENDS, COMMIT, PASS_MS, reached, wanted
from bench.sentence_ends.recorded_passes import FOLDER, OPTIONS, PADDED, RecordedPasses
from bench.simulated_call.bundled_engines import bundled
from testing.percentiles import percentile
from testing.real_material import WEIGHTS, missing, prompts
from testing.speech_material import LANGUAGES, hesitations
from testing.virtual_clock import VirtualLoop

QUICK = Path("build/bench/sentence_ends")
DELAYS_MS = (100, 160, 240, 400, 600, 900, 1200)
SPEEDS_MS = (90, 200)
HESITATIONS = 60
MOST_FALSE, LEAST_KEPT = 0.1, 0.85


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", type=Path, default=WEIGHTS, help="another Whisper folder in CTranslate2's format")
    options.add_argument("--passes", type=Path, default=FOLDER, help="the folder of kept passes")
    options.add_argument("--delays", type=int, nargs="*", default=list(DELAYS_MS), help="soft ends of the curve, ms")
    options.add_argument("--pass-ms", type=float, default=PASS_MS, help="time of each pass; 0: its processor time")
    options.add_argument("--speeds", type=float, nargs="*", default=list(SPEEDS_MS), help="other times of a pass, ms")
    options.add_argument("--quick", action="store_true", help="nothing else; the results in the repository stay")
    options.add_argument("--out", type=Path, help="the folder of the results")
    given = options.parse_args(arguments)
    if lacking := missing():
        print(f"bench.sentence_ends: {lacking}", file=sys.stderr)
        return 2
    passes = RecordedPasses(given.model, given.passes, pass_ms=given.pass_ms or None)
    delays_ms, speeds_ms = ([], []) if given.quick else (given.delays, given.speeds)
    report = measure(passes, delays_ms, speeds_ms)
    return publish("sentence_ends", report, markdown(report), given.out or (QUICK if given.quick else RESULTS))


def measure(passes: RecordedPasses, delays_ms: Sequence[int], speeds_ms: Sequence[float] = ()) -> dict[str, Any]:
    """Return all figures: at the usual delay and speed, at other speeds, and at other delays."""
    all_prompts = prompts()
    used = [one for one in all_prompts if several(one)]
    padded = [RecordedPasses(passes.path, passes.folder, **PADDED, **timed) for timed in ({}, {"timestamps": True})]
    chosen_by, held_out = hear(passes, used, padded=padded)
    single = sum(hear(passes, [one for one in all_prompts if not several(one)]), start=Part())
    both = chosen_by + held_out
    cut = _on_a_clock(_cut(passes))
    speeds = []
    for speed_ms in speeds_ms:
        others = RecordedPasses(passes.path, passes.folder, pass_ms=speed_ms)
        by_choice, out = hear(others, used)
        speeds.append({"passMs": speed_ms, "all": (by_choice + out).as_json(), "heldOut": out.as_json()})
        print(f"{speed_ms} ms a pass: {speeds[-1]}", file=sys.stderr, flush=True)
    curve = []
    turns = hesitations(HESITATIONS)
    for delay_ms in delays_ms:
        by_choice, out = hear(passes, used, delay_ms)
        curve.append({
            "delayMs": delay_ms,
            "all": (by_choice + out).as_json(), "heldOut": out.as_json(),
            "hesitations": _on_a_clock(hesitating(turns, delay_ms)),
        })  # fmt: skip
        print(f"{delay_ms} ms: {curve[-1]}", file=sys.stderr, flush=True)
    found = both.as_json()
    kept = (found["falseShare"] or 0) <= MOST_FALSE and (found["keptShare"] or 0) >= LEAST_KEPT
    return {
        "passed": kept and reached(found, BEFORE["all"]) is not False,
        "model": passes.path.name,
        "options": OPTIONS,
        "passMs": {"p50": percentile(passes.ms, 0.5), "p95": percentile(passes.ms, 0.95)},
        "all": found,
        "toChooseBy": chosen_by.as_json(),
        "heldOut": held_out.as_json(),
        "ofOneSentence": single.as_json(),
        "before": {"commit": COMMIT, **BEFORE},
        "speeds": speeds,
        "cutWithin": cut,
        "curve": curve,
    }


async def _cut(passes: RecordedPasses) -> dict[str, dict[str, Any]]:
    """Return the figures of known sentences that are cut, by translator and language."""
    cut = {}
    async with bundled() as (stages, _):
        cut["bundled"] = {language: await carried_on(stages, language) for language in LANGUAGES}
    async with engines(passes) as stages:
        cut["Apertium"] = {language: await carried_on(stages, language) for language in LANGUAGES}
    return cut


def _on_a_clock(measured: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(measured)


def command(curve: Sequence[dict[str, Any]]) -> str:
    """Return the command that measures a curve."""
    delays = tuple(one["delayMs"] for one in curve)
    named = "" if delays == DELAYS_MS else f" --delays {' '.join(map(str, delays))}"
    return "python -m bench.sentence_ends" + (named if delays else " --quick")


def markdown(report: dict[str, Any]) -> str:
    """The figures as tables."""
    head = ("prompts", "n", "inner ends", "false", "at commas", "marked", "own ends kept", "words wrong", "BLEU",
            "chrF", "TER", "last translation p50, ms", "p95")  # fmt: skip
    commit = report["before"]["commit"]
    names = {"all": "all of two marks and more", "toChooseBy": "to choose by", "heldOut": "held out",
             "ofOneSentence": "of one sentence"}  # fmt: skip
    lines = [
        "# Sentences that stay whole", "",
        f"`{command(report['curve'])}`: human prompts through {report['model']}, short windows with a silent tail; "
        f"a pass takes {report['passMs']['p50']} ms (p50; p95 {report['passMs']['p95']}). A *false* end is a place "
        "where the prompt has no sentence mark and our final text has one, or the translation began anew.", "",
        table(head, [(name, *_cells(report[key])) for key, name in names.items()]), "",
        f"chrF of the pieces' translations against three translations of whole sentences, and where {commit} stood "
        f"({BEFORE_ENDS}; no command of this tree measures the figures of {commit} anew). Passes over whole padded "
        "recordings, with times and without, cut nothing: against the prompts' own text, what they lack was misheard.",
        "",
        table(("against", "prompts", commit, "halfway to 100", "now", "whole, with times", "whole"),
              [(name, names[part], *_compared(report, part, key))
               for key, name in _AGAINST.items() for part in report["before"] if part in names]), "",
        "Known sentences, cut between any two words; chrF of the joined pieces against the whole:", "",
        table(("translator", "from", "sentences", "carried on", "each by itself", "carried on, chrF"), [
            (engine, language, one["sentences"], one["carriedOn"], one["chrfAnew"], one["chrf"])
            for engine, found in report["cutWithin"].items() for language, one in found.items()
        ]), "",
    ]  # fmt: skip
    if report["speeds"]:
        lines += [
            "The same rules where passes end at other times, and so hear other windows:", "",
            table(("ms a pass", "false ends", "own ends kept", "words wrong", "chrF, true ends", "chrF, own text",
                   "false, held out", "last p50, ms", "p95"), [
                (one["passMs"], *_ends(one["all"]), one["all"]["wer"], one["all"].get("chrfOfTrueEnds"),
                 one["all"].get("chrf"), _ends(one["heldOut"])[0], one["all"]["lateP50Ms"], one["all"]["lateP95Ms"])
                for one in report["speeds"]
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


_AGAINST = {
    "chrfOfTrueEnds": "heard words, the prompts' ends",
    "chrf": "the prompts' own text",
    "chrfOfOwnWords": "heard words, our own ends",
}


def _compared(report: dict[str, Any], part: str, key: str) -> tuple[Any, ...]:
    """Return before, halfway, now and both whole passes, of one part and one way to compare."""
    before, now = report["before"][part].get(key), report[part]
    whole = [now.get(way, {}).get(key) for way in ("timed", "recording")]
    return before, None if before is None else wanted(before), now.get(key), *whole


def _ends(part: dict[str, Any]) -> tuple[str, str]:
    share = "" if part["falseShare"] is None else f" ({part['falseShare']:.0%})"
    return f"{part['false']} of {part['inner']}{share}", f"{part['kept']} of {part['own']}"


def _cells(part: dict[str, Any]) -> tuple[Any, ...]:
    share = "" if part["falseShare"] is None else f" ({part['falseShare']:.0%})"
    return (
        part["prompts"], part["inner"], f"{part['false']}{share}", part["atCommas"], part["marked"],
        f"{part['kept']} of {part['own']}", part["wer"], part.get("bleu"), part.get("chrf"),
        part.get("ter"), part["lateP50Ms"], part["lateP95Ms"],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
