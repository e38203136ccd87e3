"""`python -m bench.disturbance`: what is no speech is not interpreted, and neither is the interpreter's own voice.

Two real interpreters (English and Spanish) with the bundled engines and the real voice activity detector, on a clock
that stands still while engines work. First ten minutes of noises, tones, breath and keys in each microphone, with real
sentences between them in the same run at the same settings: no word may be spoken of the one, and not more than 4 % of
the other refused. Then the interpreter's voice comes back from a loudspeaker, 80-300 ms late and 6-20 dB softer: no
word of it may be interpreted, while one who repeats the interpreter's sentence 3 s later is. The same calls without
the echo guard show what would happen. All disturbances are synthetic, made from seeds; nobody speaks in the background.

`--real` asks the same of real weights (`testing/real_material.py`): half an hour of noises, of six people who talk in
the background, and of recorded music in an English microphone before Whisper tiny.en, in short windows with a silent
tail: no word may be spoken. And all human prompts at the same settings: not more than 2 % may be refused. Passes are
kept in `build/bench/passes`. Rules may be chosen on the prompts that are not held out alone.

Writes `bench/results/disturbance.json` and `.md`, with `--real` `disturbance_real`; the last line of output is one JSON
object, the exit status says whether the targets were met, 2 if real material is not here. `--quick` is a minute's
version, which writes under `build/bench/`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.disturbance import real, real_table
from bench.disturbance.scenes import DELAYS, GAINS, Disturbed, Echoed, disturb, echo, material
from bench.report.markdown import table, verdicts
from bench.report.publishing import RESULTS, publish
from bench.sentence_ends.recorded_passes import FOLDER, RecordedPasses
from bench.simulated_call.bundled_engines import bundled
from bench.simulated_call.call import in_call
from testing import disturbances
from testing.real_material import HUMAN, MUSIC, WEIGHTS, missing
from testing.speech_material import LANGUAGES, singles
from testing.virtual_clock import VirtualLoop
from testing.words import words

QUICK = Path("build/bench/disturbance")
SEED = 2026
MOST_REFUSED = 0.04
FULL = {"seconds": 30.0, "turns": 200, "echoes": 40, "unguarded": 10}
SHORT = {"seconds": 5.0, "turns": 44, "echoes": 10, "unguarded": 2}


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    wanted: str
    got: str
    passed: bool


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a short run; the results in the repository stay")
    options.add_argument("--real", action="store_true", help="real weights, music and a human voice")
    options.add_argument("--model", type=Path, default=WEIGHTS, help="with --real: another Whisper folder")
    options.add_argument("--passes", type=Path, default=FOLDER, help="with --real: the folder of kept passes")
    given = options.parse_args()
    quick = given.quick
    if given.real:
        if lacking := missing(HUMAN, MUSIC):
            print(f"bench.disturbance: {lacking}", file=sys.stderr)
            return 2
        report = real.run(RecordedPasses(given.model, given.passes), quick=quick)
        return publish("disturbance_real", report, real_table.markdown(report), QUICK if quick else RESULTS,
                       unprinted={"blocks", "answers"})  # fmt: skip
    report = run(SHORT if quick else FULL)
    told = ("passed", "targets", "seconds")
    return publish(
        "disturbance", report, markdown(report), QUICK if quick else RESULTS, unprinted=report.keys() - {*told}
    )


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Play both scenes, by a plan like `FULL`, and return the report."""
    began = time.monotonic()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        disturbed, echoed, unguarded = runner.run(_scenes(plan))
    found = targets(disturbed, echoed, plan)
    return {
        "plan": plan,
        "disturbed": asdict(disturbed),
        "echoed": asdict(echoed),
        "unguarded": {"said": len(unguarded.said), "loops": unguarded.loops},
        "targets": [asdict(target) for target in found],
        "passed": all(target.passed for target in found),
        "seconds": round(time.monotonic() - began, 1),
    }


async def _scenes(plan: dict[str, Any]) -> tuple[Disturbed, Echoed, Echoed]:
    async with bundled() as (stages, ear):
        turns = singles(plan["turns"])
        disturbed = await in_call(
            stages, SEED, lambda call: disturb(call, ear, disturbances.ALL, plan["seconds"], turns, SEED)
        )
        echoed = await in_call(stages, SEED, lambda call: echo(call, material(plan["echoes"]), SEED))
        unguarded = Echoed()
        for one in material(plan["unguarded"]):  # a call each: a loop ends with its call alone
            found = await in_call(stages, SEED, partial(echo, sentences=[one], seed=SEED, repeat=False), guarded=False)
            unguarded.said += found.said
            unguarded.loops.append(str(len(found.loops)))
    return disturbed, echoed, unguarded


def targets(disturbed: Disturbed, echoed: Echoed, plan: dict[str, Any]) -> list[Target]:
    """Return the verdicts on the two scenes."""
    texts = [text for block in disturbed.blocks for text in block.translated]
    refused = sum(one.refused for one in disturbed.sentences)
    share = refused / max(1, len(disturbed.sentences))
    heard = sum(not one.refused for one in echoed.said)
    repeated = sum(not one.refused for one in echoed.repeats)
    blamed = sum("echo" in one.outcome for one in echoed.repeats)
    return [
        Target("words spoken of disturbances", "none", str(sum(len(text.split()) for text in texts)), not texts),
        Target(
            "real sentences refused", f"≤ {MOST_REFUSED:.0%}", f"{refused} of {len(disturbed.sentences)} ({share:.1%})",
            bool(disturbed.sentences) and share <= MOST_REFUSED,
        ),
        Target("engine failures", "none", str(disturbed.failures), disturbed.failures == 0),
        Target("interpreted sentences that came back", "nearly all", f"{heard} of {plan['echoes']}",
               heard >= 0.9 * plan["echoes"]),
        Target("loops", "none", str(len(echoed.loops)), not echoed.loops),
        Target("repeated 3 s later and interpreted", "≥ 96 %", f"{repeated} of {len(echoed.repeats)}",
               bool(echoed.repeats) and repeated >= 0.96 * len(echoed.repeats)),
        Target("repeated, and taken for an echo", "none", str(blamed), blamed == 0),
    ]  # fmt: skip


def markdown(report: dict[str, Any]) -> str:
    """The report as tables."""
    disturbed, echoed = report["disturbed"], report["echoed"]
    kinds = {block["kind"]: [one for one in disturbed["blocks"] if one["kind"] == block["kind"]]
             for block in disturbed["blocks"]}  # fmt: skip
    each = sum(block["seconds"] for block in disturbed["blocks"]) / len(LANGUAGES) / 60
    sentences = disturbed["sentences"]
    wrong = [one for one in sentences if one["translated"] and not _right(one)]
    again = [one for one in echoed["repeats"] if one["translated"] and not _right(one)]
    other = [[one["said"], one["translated"], one["outcome"]] for one in sentences if not _right(one)]
    lines = [
        "# What is no speech",
        "",
        f"`python -m bench.disturbance`, {report['seconds']} s. {each:.1f} minutes of synthetic disturbances (seeded, "
        "no recordings) in each of two microphones, one English, one Spanish, with the bundled engines, the real voice "
        "activity detector and the real interpreters, without a network.",
        "",
        verdicts(report["targets"]),
        "",
        "## Disturbances",
        "",
        "Over both microphones: the times that voice activity believed that somebody spoke, the windows that "
        "recognition was given, and their results.",
        "",
        table(["", "seconds", "utterances opened", "windows recognised", "texts seen", "sentences spoken"],
              ([kind, *(f"{sum(block[key] for block in blocks):.0f}" for key in ("seconds", "opened", "asked")),
                *(sum(len(block[key]) for block in blocks) for key in ("shown", "translated"))]
               for kind, blocks in kinds.items())),
        "",
        f"Between them {len(sentences)} sentences were said, each once: {len(sentences) - len(wrong)} came out word "
        f"for word or not at all, "
        f"{len(wrong)} with other words, {sum(not one['translated'] for one in sentences)} were "
        "refused or not noticed.",
        "",
        *([table(["said", "became", "outcome"], other), ""] if other else []),
        "## The interpreter's own voice",
        "",
        f"{len(echoed['said'])} sentences, whose interpretation (-20 dBFS) came back from a loudspeaker after "
        f"{DELAYS[0] * 1000:.0f}-{DELAYS[1] * 1000:.0f} ms, {-GAINS[1]:.0f}-{-GAINS[0]:.0f} dB softer, with two "
        f"reflections; and the same of {len(echoed['repeats'])} answers. It opened {echoed['opened']} utterances "
        f"({_counted(echoed['refused'])}), of which {len(echoed['shown'])} showed words for a moment, and "
        f"{len(echoed['loops'])} were interpreted. {len(again)} repeated sentences came out with other words.",
        "",
        "The same without the guard, one call for each sentence, 15 s long: "
        + ", ".join(report["unguarded"]["loops"]) + " sentences interpreted out of one.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _right(one: dict[str, Any]) -> bool:
    return words(one["translated"]) == words(one["expected"])


def _counted(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()) or "none"


if __name__ == "__main__":
    sys.exit(main())
