"""Fuzzes parsers that face the network, and says on its last line, as JSON, what came of it.

    python -m tests.operations.fuzz --seconds 60 [--keep] [NAME …]

Most of the time goes to inputs that coverage guides, where Atheris is installed, and the rest to our own mutations of
all that was kept, in a process whose memory is watched. Ends by 1 where something was found.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.operations.fuzz import seeds
from tests.operations.fuzz.examination import watched
from tests.operations.fuzz.mutation import inputs
from tests.operations.fuzz.target import Target
from tests.operations.fuzz.targets import NAMES, target

GUIDED_SHARE = 0.7
"""Part of the time in which coverage guides."""
MOST_KEPT, LONGEST_KEPT = 8, 512
"""Inputs that `--keep` takes over for a target, and the bytes of each at most."""
STALLED_S = 600
"""Time of a clock after which libFuzzer gives up an input. Hangs are found by processor time, long before."""
_SEED = "seed"


def guided(chosen: Target, seconds: float, corpus: Path, seed: int) -> dict[str, object]:
    """Run a target under Atheris; what reaches new code is written to `corpus`."""
    for number, data in enumerate(seeds.of(chosen)):
        (corpus / f"{_SEED}{number}").write_bytes(data)
    words = corpus.parent / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in chosen.words))
    artefacts = corpus.parent / "found"
    artefacts.mkdir()
    arguments = [
        *(f"-max_total_time={max(1, round(seconds))}", f"-seed={seed}"),
        *(f"-timeout={STALLED_S}", f"-report_slow_units={STALLED_S}"),
        *(f"-max_len={chosen.longest}", f"-artifact_prefix={artefacts}/", "-rss_limit_mb=2048"),
        *(f"-dict={words}", "-print_final_stats=1", str(corpus)),
    ]
    command = [sys.executable, "-m", "tests.operations.fuzz.coverage_guided", chosen.name, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    executed = re.search(r"number_of_executed_units: (\d+)", run.stderr)
    found = [path.name for path in artefacts.iterdir()]
    for path in artefacts.iterdir():
        seeds.keep(chosen, path.read_bytes())
    report: dict[str, object] = {"inputs": int(executed[1]) if executed else 0, "found": found}
    if run.returncode != 0:
        report["found"] = found or [f"exit {run.returncode}"]
        report["said"] = run.stderr[-3000:]
    return report


def _escaped(word: bytes) -> str:
    """Return a word as libFuzzer's dictionaries write it."""
    return "".join(f"\\x{byte:02x}" for byte in word)


def mutated(chosen: Target, seconds: float, kept: list[bytes], seed: int) -> dict[str, object]:
    """Run a target on our own mutations, in this process."""
    made = inputs(kept, chosen.words, chosen.longest, random.Random(seed))
    found = watched(chosen, made, seconds, time.monotonic)
    for finding in found.findings:
        if finding.data is not None:
            seeds.keep(chosen, finding.data)
    return {
        "inputs": found.inputs,
        "refused": found.refused,
        "slowest_ms": round(found.slowest_ms, 1),
        "found": [f"{one.kind}: {one.detail}" for one in found.findings],
    }


def smallest(corpus: Path, chosen: Target) -> None:
    """Keep the smallest inputs that reached code which no seed reaches."""
    found = (path.read_bytes() for path in corpus.iterdir() if not path.name.startswith(_SEED))
    for data in sorted(found, key=len)[:MOST_KEPT]:
        if len(data) <= LONGEST_KEPT:
            seeds.keep(chosen, data)


def fuzz(chosen: Target, seconds: float, seed: int, keep: bool) -> dict[str, object]:
    """Return what came of fuzzing one target."""
    report: dict[str, object] = {}
    kept, rest = seeds.of(chosen), seconds
    if importlib.util.find_spec("atheris") is not None:
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder) / "corpus"
            corpus.mkdir()
            report["guided"] = guided(chosen, seconds * GUIDED_SHARE, corpus, seed)
            kept = [path.read_bytes() for path in sorted(corpus.iterdir())]
            rest = seconds * (1 - GUIDED_SHARE)
            if keep:
                smallest(corpus, chosen)
    report["mutated"] = mutated(chosen, rest, kept, seed)
    report["found"] = sum(len(part["found"]) for part in report.values() if isinstance(part, dict))
    return report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.operations.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"targets, all by default: {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=float, default=60.0, help="time for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep inputs that reach new code as seeds")
    given = parser.parse_args()
    reports = {}
    for name in given.names or NAMES:
        reports[name] = fuzz(target(name), given.seconds, given.seed, given.keep)
        print(f"{name}: {json.dumps(reports[name])[:400]}", file=sys.stderr, flush=True)
    print(json.dumps({"seconds": given.seconds, "seed": given.seed, "targets": reports}))
    return int(any(report["found"] for report in reports.values()))


if __name__ == "__main__":
    sys.exit(main())
