"""`python -m bench.real_call`: a call with real weights and a human voice, measured at the listener's ear.

Recorded prompts of one English speaker (`testing/real_material.py`) go in real time through real WebRTC into a server
with Whisper tiny.en, Apertium en→es and espeak-ng, and out to a listener. Twice: padded, and in short windows with a
silent tail. Mouth and ear are read from one clock. Words that are wrong in the subtitles are counted beside those of
the padded encoder on whole files.

`--voice` asks about the other end: Piper's en_US-joe-medium interprets Spanish sentences in a call without a network,
and tiny.en must understand its words at the ear.

Writes `bench/results/real_call.json` and `.md`, with `--voice` `real_call_voice`; the last line of output is one JSON
object, the exit status says whether the targets are met, 2 if weights, voice or Apertium's pair are not here.
`--quick`: four prompts a kind; results under `build/bench/`. A quarter of an hour, on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.latency import judged_calls
from bench.latency.figures import spread
from bench.latency.judging import JudgedTurn
from bench.latency.subtitle_messages import pieces
from bench.real_call import neural_voice
from bench.real_call.human_turns import KINDS, chosen, turn
from bench.real_call.table import markdown
from bench.real_call.targets import targets
from bench.report.machine import Watch, busy_share, described
from bench.report.publishing import RESULTS, publish
from bench.short_windows.ways import PADDED, Way, hear
from bench.talk import server_process
from bench.talk.server_process import FOLDER
from pipeline.engines.translation.apertium_pairs import packages
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.errors import EngineError
from pipeline.text.word_errors import word_errors
from server.short_windows.material import words
from server.short_windows.padding import MARGIN, SILENT_TAIL
from testing.bundled_recogniser import BundledRecogniser
from testing.real_material import HUMAN, JOE, LANGUAGE, WEIGHTS, Prompt, missing, prompts

OUT = Path("build/bench/real_call")
TARGET = "es"
WAYS = {"padded": PADDED, "short": Way(MARGIN, SILENT_TAIL)}
COUNTS = {"single": 24, "several": 8}
QUICK = 4
PATIENCE_S = 12.0
"""Seconds after a turn until it is given up. Padded passes on two cores take several."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="four prompts a kind; the results in the repository stay")
    options.add_argument("--ways", default=",".join(WAYS), help="a choice of: %(default)s")
    options.add_argument("--voice", action="store_true", help="what is understood of a neural voice, and nothing else")
    given = options.parse_args(arguments)
    if lacking := missing(HUMAN, JOE) if given.voice else missing():
        print(f"bench.real_call: {lacking}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    if given.voice:
        return _voice(quick=given.quick)
    counts = {kind: QUICK if given.quick else COUNTS[kind] for kind in KINDS}
    used = {kind: chosen(prompts(), kind, counts[kind]) for kind in KINDS}
    try:
        report = measure(used, [name.strip() for name in given.ways.split(",")])
    except server_process.Failed as reason:
        needed = " ".join(packages(LANGUAGE, TARGET))
        print(f"bench.real_call: {reason}; Apertium's pair is in Debian's {needed}", file=sys.stderr)
        return 2
    report["quick"] = given.quick
    return publish("real_call", report, markdown(report), OUT if given.quick else RESULTS)


def _voice(*, quick: bool) -> int:
    try:
        report = neural_voice.measure(QUICK if quick else neural_voice.COUNT)
    except EngineError as reason:
        print(f"bench.real_call: {reason}", file=sys.stderr)
        return 2
    table = neural_voice.markdown(report)
    return publish("real_call_voice", report, table, OUT if quick else RESULTS, unprinted={"lines"})


def measure(used: dict[str, list[Prompt]], ways: Sequence[str]) -> dict[str, Any]:
    """Measure each way of `ways` on each kind of prompts, and return the report."""
    whole = {kind: _whole_files(of) for kind, of in used.items()}
    report: dict[str, Any] = {"machine": described() | {"busyBefore": busy_share(2.0)}, "ways": {}}
    for way in ways:
        report["ways"][way] = _call(way, used, whole)
    report["targets"] = [one.as_json() for one in targets(report)]
    report["passed"] = all(one["passed"] is not False for one in report["targets"])
    return report


def _whole_files(of: Sequence[Prompt]) -> list[int]:
    """Return the words that the padded encoder hears wrong in each whole file."""
    whisper = Whisper.of(str(WEIGHTS))
    whisper.warm_up()
    return hear(whisper, PADDED, of).errors


def _call(name: str, used: dict[str, list[Prompt]], whole: dict[str, list[int]]) -> dict[str, Any]:
    way = WAYS[name]
    whisper = f"whisper:{json.dumps({'path': str(WEIGHTS), 'margin': way.margin, 'silent_tail': way.tail})}"
    settings = {
        # The listener's language must be heard, too: by the bundled recogniser, which is never asked.
        "DRAGOMAN_STT": f"by_language:{json.dumps({'engines': [whisper, 'starter']})}",
        "DRAGOMAN_MT": "apertium",
        "DRAGOMAN_TTS": "espeak",
    }
    found: dict[str, Any] = {}
    with server_process.dragoman(settings, f"real-{name}") as server:
        for kind, of in used.items():
            turns = [turn(prompt) for prompt in of]
            print(f"{name}: {len(turns)} × {kind}", file=sys.stderr, flush=True)
            with Watch() as watch:
                calls = server_process.talk(server, "dragoman", f"real-{name}-{kind}", [turns], PATIENCE_S)
            judged = judged_calls.of_dragoman(turns, calls, BundledRecogniser(), own_words=True)
            found[kind] = _figures(judged, of, whole[kind]) | {"othersBusy": watch.others}
    return found


def _figures(judged: Sequence[JudgedTurn], of: Sequence[Prompt], whole: Sequence[int]) -> dict[str, Any]:
    said = [words(prompt.text, LANGUAGE) for prompt in of]
    texts = {one.turn.name: one.text for one in judged}
    heard = [words(texts.get(prompt.name, ""), LANGUAGE) for prompt in of]
    return {
        "turns": len(judged),
        "heardRight": sum(clause.right for one in judged for clause in one.clauses),
        "endToFirstMs": spread(None if one.first_heard is None else one.first_heard - one.mouth_end for one in judged),
        "pieces": sum(pieces(one.messages) for one in judged),
        "words": sum(map(len, said)),
        "wrongInCall": sum(word_errors(wanted, one) for wanted, one in zip(said, heard, strict=True)),
        "wrongInWholeFiles": sum(whole),
        "texts": [{"said": prompt.text, "heard": texts.get(prompt.name, "")} for prompt in of],
    }


if __name__ == "__main__":
    sys.exit(main())
