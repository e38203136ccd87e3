"""`python -m bench.real_call`: a call with real weights and a human voice, measured at the listener's ear.

Recorded prompts of one English speaker (`testing/real_material.py`) go in real time through real WebRTC into a server
with Whisper tiny.en, Apertium en→es and a voice, and out to a listener: single sentences, several sentences, and long
prompts of 15 to 75 s. `--ways`: padded, in short windows with a silent tail, and the latter with Piper's joe in
espeak-ng's place. `--peers`: FastRTC's and Pipecat's bots with stock faster-whisper and with our short windows, and
Apertium and espeak-ng inside. Mouth and ear are read from one clock. Words that are wrong in the subtitles are counted
beside those of the padded encoder on whole files.

`--voice` asks about the other end: Piper's en_US-joe-medium interprets Spanish sentences in a call without a network,
and tiny.en must understand its words at the ear.

Writes `bench/results/real_call.json` and `.md`, with `--voice` `real_call_voice`; the last line of output is one JSON
object, the exit status says whether the targets are met, 2 if weights, voice or Apertium's pair are not here.
`--quick` says a few prompts a kind; results under `build/bench/`. On a quiet machine, nine minutes for each way, and
ten to fifteen for each peer.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.real_call import measuring, neural_voice
from bench.real_call.kinds import KINDS, recordings
from bench.real_call.measuring import Measured
from bench.real_call.peers import PEERS
from bench.real_call.table import markdown
from bench.real_call.ways import TARGET, WAYS
from bench.report.publishing import RESULTS, publish
from bench.talk import server_process
from bench.talk.server_process import FOLDER
from pipeline.engines.translation.apertium_pairs import packages
from pipeline.errors import EngineError
from testing.real_material import HUMAN, JOE, LANGUAGE, NUMBERS, missing

OUT = Path("build/bench/real_call")
QUICK_VOICE = 4


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a few prompts; the results in the repository stay")
    options.add_argument("--ways", default=",".join(WAYS), help="a choice of: %(default)s; or none")
    options.add_argument("--kinds", default=",".join(KINDS), help="a choice of: %(default)s")
    options.add_argument("--peers", default="none", help=f"all, none, or a choice of: {', '.join(PEERS)}")
    options.add_argument("--voice", action="store_true", help="what is understood of a neural voice, and nothing else")
    given = options.parse_args(arguments)
    try:
        ways, kinds, peers = (
            names(text, table) for text, table in ((given.ways, WAYS), (given.kinds, KINDS), (given.peers, PEERS))
        )
    except ValueError as reason:
        options.error(str(reason))
    joe = [JOE] if given.voice or any(WAYS[way].voice == "joe" for way in ways) else []
    if lacking := missing(HUMAN, NUMBERS, *joe):
        print(f"bench.real_call: {lacking}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    if given.voice:
        return _voice(quick=given.quick)
    try:
        report = measuring.measure(Measured(ways, peers, recordings(kinds, quick=given.quick)))
    except (server_process.Failed, subprocess.SubprocessError) as reason:
        needed = " ".join(packages(LANGUAGE, TARGET))
        print(f"bench.real_call: {reason}; Apertium's pair is in Debian's {needed}", file=sys.stderr)
        return 2
    report["quick"] = given.quick
    return publish("real_call", report, markdown(report), OUT if given.quick else RESULTS)


def names(text: str, table: Mapping[str, object]) -> list[str]:
    """Return the names in a choice, which are parted by commas. Raises ValueError for one that is not in the table."""
    if text.strip() in ("all", "none", ""):
        return list(table) if text.strip() == "all" else []
    found = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in found if name not in table]:
        raise ValueError(f"{unknown[0]!r} is none of: {', '.join(table)}")
    return found


def _voice(*, quick: bool) -> int:
    try:
        report = neural_voice.measure(QUICK_VOICE if quick else neural_voice.COUNT)
    except EngineError as reason:
        print(f"bench.real_call: {reason}", file=sys.stderr)
        return 2
    table = neural_voice.markdown(report)
    return publish("real_call_voice", report, table, OUT if quick else RESULTS, unprinted={"lines"})


if __name__ == "__main__":
    sys.exit(main())
