"""Chooses what the recogniser's log probability has to be: `python -m starter.recipe.thresholds FOLDER`.

From validation alone: sentences that were trained on, in random voices that were not, a quarter of them with a pause
inside, and invented strangers. Writes
`starter/options.json`, which the engine is made with.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import starter
from pipeline.engines.whisper.transcriber import Whisper
from starter.recipe import trials
from starter.recipe.scoring import Result, listen, share
from starter.recipe.synth import UNSEEN, VARIANTS
from starter.recipe.voices import Speaker, with_random_variants

REFUSED_RIGHT = 0.02
TAKEN_STRANGERS = 0.03
TOWARDS_STRANGERS = 0.4
"""The log probability below which a transcript is refused is between those that these shares of the right sentences
and of the strangers pass in validation, so far from the former."""

CUT_TAKEN_FOR_WHOLE = 0.1
COUNT = 300


def lowest(right: list[Result], strange: list[Result]) -> float:
    """Return the log probability below which a transcript is refused."""
    known, unknown = (sorted(one.logprob for one in them) for them in (right, strange))
    usual = known[round(REFUSED_RIGHT * len(known))]
    other = unknown[round((1 - TAKEN_STRANGERS) * len(unknown))]
    return usual + TOWARDS_STRANGERS * (min(usual, other) - usual)


def certain(right: list[Result], cut: list[Result], least: float) -> float:
    """Return the log probability from which on a sentence is believed to be whole.

    A tenth of the windows that were cut off and came out as a whole sentence nevertheless are above it. At least a
    quarter of the right sentences are.
    """
    wrong = sorted(one.logprob for one in cut if one.heard.text.endswith((".", "?", "!")))
    whole = sorted(one.logprob for one in right)
    most = whole[round(0.25 * len(whole))]
    if not wrong:
        return least
    return max(least, min(most, wrong[min(len(wrong) - 1, round((1 - CUT_TAKEN_FOR_WHOLE) * len(wrong)))]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    speaker = Speaker(with_random_variants(chosen.folder, VARIANTS))
    believed = {"min_logprob": -99.0, "certain_logprob": -99.0, "max_no_speech": 2.0}
    whisper = Whisper.of(str(starter.STT), **{**starter.STT_OPTIONS, **believed})
    said = listen(whisper, trials.sentences(speaker, "validation", COUNT, UNSEEN, held_out=False))
    said += listen(whisper, trials.hesitations(speaker, "validation pauses", COUNT // 3, UNSEEN, held_out=False))
    cut = listen(whisper, trials.windows(speaker, "validation windows", COUNT, UNSEEN))
    strange = listen(whisper, trials.invented(speaker, "validation strangers", COUNT, UNSEEN))
    right = [one for one in said if one.right]
    least = lowest(right, strange)
    found = {
        "min_logprob": round(least, 3),
        "certain_logprob": round(certain(right, cut, least), 3),
        "max_no_speech": 0.5,
    }
    (Path(starter.__file__).parent / "options.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    taken = [one for one in cut if one.heard.text.endswith((".", "?", "!"))]
    print(f"chosen: {found}")
    print(f"right in validation: {share([one.right for one in said]):.3f}")
    print(f"right ones refused: {share([one.logprob < least for one in right]):.3f}")
    print(f"strangers refused: {share([one.logprob < least for one in strange]):.3f}")
    print(f"windows that were cut off: right {share([one.right for one in cut]):.3f}, taken for whole {len(taken)}")


if __name__ == "__main__":
    main()
