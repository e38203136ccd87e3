"""`python -m bench.spoken_numbers`: numbers of a human voice in a call with real weights: twice, lost, changed.

Recorded prompts that hold numbers, and numbers put together of recorded words with a pause within (`turns`), through
the interpreter with Whisper tiny.en (short windows with a silent tail, one core), on a virtual clock on which each pass
lasts as long as its processor time. Passes are kept in `build/bench/passes`, so that a second run takes seconds.

The results are the numbers of wrong values, compared by value and not by spelling: said twice, lost, replaced by
another, or said by nobody. They are counted for calls, for one pass over the whole padded sound by the same weights,
and for calls alone: an error that this pass makes, too, is the model's. Another result is the time from the last voice
to the last translation.

Writes `spoken_numbers.json` and `.md` to `bench/results`; the last line of output is one JSON object. The exit status
is 0 if calls alone have no value that is said twice, lost, changed or made up; 2 if the material is not here. Ten
minutes of one core without kept passes. `--quick`: every fifth turn, results under `build/bench/`. `--pass-ms`: the
same on any machine, and at other speeds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.sentence_ends.calls import engines, heard, sound_of
from bench.sentence_ends.figures import late
from bench.sentence_ends.places import shown
from bench.sentence_ends.recorded_passes import FOLDER, PADDED, RecordedPasses
from bench.spoken_numbers.turns import NumberTurn, dictated, recorded
from bench.spoken_numbers.values import Values, counted, found
from pipeline.speech import Transcribe
from testing.real_material import LANGUAGE, NUMBERS, PARTS, WEIGHTS, missing
from testing.virtual_clock import VirtualLoop

QUICK = Path("build/bench/spoken_numbers")
PROMPTS = "prompts"


@dataclass(slots=True)
class Part:
    """Turns of one kind."""

    turns: int = 0
    call: Values = field(default_factory=Values)
    whole: Values = field(default_factory=Values)
    ours: Values = field(default_factory=Values)
    """Values that are wrong in the call alone."""
    late_ms: list[float] = field(default_factory=list)
    wrong: list[dict[str, str]] = field(default_factory=list)
    """Turns with such values."""

    def as_json(self) -> dict[str, Any]:
        kinds = {name: getattr(self, name).as_json() for name in ("call", "whole", "ours")}
        return {"turns": self.turns, **kinds, **late(self.late_ms), "wrong": self.wrong}


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", type=Path, default=WEIGHTS, help="another Whisper folder in CTranslate2's format")
    options.add_argument("--passes", type=Path, default=FOLDER, help="the folder of kept passes")
    options.add_argument(
        "--pass-ms", type=float, help="time of each pass on any machine; its processor time if not given"
    )
    options.add_argument("--quick", action="store_true", help="every fifth turn; the results in the repository stay")
    options.add_argument("--out", type=Path, help="the folder of the results")
    given = options.parse_args(arguments)
    if lacking := missing(NUMBERS, PARTS):
        print(f"bench.spoken_numbers: {lacking}", file=sys.stderr)
        return 2
    step = 5 if given.quick else 1
    ears = (
        RecordedPasses(given.model, given.passes, pass_ms=given.pass_ms),
        RecordedPasses(given.model, given.passes, **PADDED),
    )
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        parts = runner.run(measure(*ears, turns()[::step]))
    report = {
        "passed": not any(part.ours.wrong for part in parts.values()),
        "model": given.model.name,
        "parts": {name: part.as_json() for name, part in parts.items()},
    }
    return publish("spoken_numbers", report, markdown(report), given.out or (QUICK if given.quick else RESULTS))


def turns() -> list[NumberTurn]:
    """Return all turns: the prompts, and the numbers with a pause within."""
    return [*recorded(), *dictated()]


async def measure(passes: RecordedPasses, padded: RecordedPasses, said: Sequence[NumberTurn]) -> dict[str, Part]:
    """Return the figures of prompts, and of numbers with each pause."""
    parts: dict[str, Part] = {}
    async with engines(passes) as stages:
        for turn in said:
            name = PROMPTS if turn.pause_ms is None else f"pauses of {turn.pause_ms} ms"
            part = parts.setdefault(name, Part())
            call = await heard(stages, sound_of(turn.audio))
            whole = padded.of(Transcribe(turn.audio, LANGUAGE, final=True))[0].text
            text = " ".join(piece.text.strip() for piece in call.pieces)
            mine, its = (found(turn.text, one, LANGUAGE, spelled=turn.spelled) for one in (text, whole))
            ours = counted(mine, its)
            part.turns += 1
            part.call += counted(mine)
            part.whole += counted(its)
            part.ours += ours
            part.late_ms += call.late_ms[-1:]
            if ours.wrong:
                part.wrong.append({"turn": turn.name, "said": turn.text, "call": shown(call.pieces), "whole": whole})
                print(f"{turn.name}: {shown(call.pieces)!r}, whole: {whole!r}", file=sys.stderr, flush=True)
    return parts


def markdown(report: dict[str, Any]) -> str:
    """The figures as a table."""
    head = ("turns", "n", "values", "wrong in the whole pass", "wrong in calls", "in calls alone", "twice", "lost",
            "changed", "new", "last translation p50, ms", "p95")  # fmt: skip
    rows = (
        (name, one["turns"], one["call"]["said"], _wrong(one["whole"]), _wrong(one["call"]), _wrong(one["ours"]),
         *(one["ours"][kind] for kind in ("twice", "lost", "changed", "new")), one["lateP50Ms"], one["lateP95Ms"])
        for name, one in report["parts"].items()
    )  # fmt: skip
    return "\n".join([
        "# Numbers that are said once, and as they were", "",
        f"`python -m bench.spoken_numbers`: a human voice through {report['model']}, short windows with a silent tail. "
        "*Wrong* are values that the final text says twice, lost, changed or made up; *in calls alone*: those that are "
        "right in one pass over the whole padded sound by the same weights.", "",
        table(head, rows), "",
        "Wrong in calls alone:", "",
        *(f"- {one['turn']}: {one['call']}" for part in report["parts"].values() for one in part["wrong"]), "",
    ])  # fmt: skip


def _wrong(values: dict[str, int]) -> int:
    return sum(values[kind] for kind in ("twice", "lost", "changed", "new"))


if __name__ == "__main__":
    sys.exit(main())
