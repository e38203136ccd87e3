"""`python -m bench.transport`: how intelligible (STOI) a voice is behind our media path, at 0, 2 and 10 % loss.

espeak-ng's voice goes as Opus over real UDP, DTLS and SRTP into the smallest server on our media classes
(`bench/peers/echo_dragoman.py`): jitter buffer, FEC or concealment, 16 kHz as the recogniser hears it. There it is
encoded again and sent back. Packets are lost between the encoder and the sending socket, by a seed; the way back loses
none. So a figure holds two encodings. Beside it stands what comes of the same packets with silence in each hole.

Writes `transport.json` and `.md` to `bench/results`; the last line of output is one JSON object, and the exit status
says whether the targets were met. A minute on two cores. `--quick`: a quarter of the sentences, results under
`build/bench/`. Needs the extra `bench` (pystoi).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.environments import FOLDER
from bench.media.contenders import ECHOES, measure, running
from bench.media.figures import wire_name
from bench.report.machine import described
from bench.report.markdown import table
from bench.report.publishing import RESULTS, publish
from bench.report.target import Target
from bench.rtp_load.cores import Cores, Failed
from bench.transport.intelligibility import Heard, heard
from testing.percentiles import percentile

QUICK = Path("build/bench/transport")
LOSSES = (0.0, 0.02, 0.10)
PARTS = 4
"""Parts of the sentences: as many clients say them all once."""
ROUNDS, QUICK_ROUNDS = 4, 1
"""Rounds, in each of which all sentences are said over each wire, with other losses."""
SECONDS = 12.0
"""Time in which a part is said."""
LEAST = {0.0: 0.95, 0.02: 0.95, 0.10: 0.92}
"""Mean STOI at each loss that is a pass."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a short run; the results in the repository stay")
    quick = options.parse_args(arguments).quick
    try:
        report = run(quick)
    except Failed as reason:
        print(f"bench.transport: {reason}", file=sys.stderr)
        return 2
    except ImportError as error:
        print(f"bench.transport: {error}; pip install 'dragoman[bench]'", file=sys.stderr)
        return 2
    folder = QUICK if quick else RESULTS
    return publish("transport", report, markdown(report), folder, unprinted=("sentences",))


def run(quick: bool) -> dict[str, Any]:
    """Say the sentences over each wire and return the report. Raises Failed."""
    import pystoi  # noqa: F401 - told before the minute, not after it

    began = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    recordings = FOLDER / "heard"
    recordings.mkdir(exist_ok=True)
    seeds = range(1, 1 + (QUICK_ROUNDS if quick else ROUNDS))
    log, cores = FOLDER / "transport.log", Cores.pick()
    log.write_bytes(b"")
    with running(ECHOES[0], cores, log) as server:
        phases = measure(server, cores, log, {"phases": [plan(seed, str(recordings)) for seed in seeds]})
    if failed := next((phase["failed"] for phase in phases if "failed" in phase), ""):
        raise Failed(failed)
    sentences = [one for seed, phase in zip(seeds, phases, strict=True) for one in heard(phase["groups"], seed)]
    return report_of(sentences, quick) | {
        "machine": described(),
        "generator_late_p99_ms": round(max(phase["generator_late_p99_ms"] for phase in phases), 2),
        "seconds": round(time.monotonic() - began, 1),
    }


def plan(seed: int, folder: str) -> dict[str, Any]:
    """Plan a round, in which all wires are spoken over at once."""
    words = {"sound": "words", "parts": PARTS, "folder": folder, "clients": PARTS}
    groups = [{**words, "loss": loss} for loss in LOSSES]
    return {"name": f"transport{seed}", "settle": 0.0, "seconds": SECONDS, "seed": seed, "groups": groups}


def report_of(sentences: Sequence[Heard], quick: bool) -> dict[str, Any]:
    """Return the figures of each wire, and the verdicts. Pure."""
    wires: dict[str, dict[str, Any]] = {}
    targets = []
    for loss, least in LEAST.items():
        mine = [one for one in sentences if one.loss == loss]
        name = wire_name({"loss": loss})
        if not mine:
            raise Failed(f"nothing came back over the wire {name}")
        scores = [one.stoi for one in mine]
        mean = sum(scores) / len(mine)
        wires[name] = {
            "sentences": len(mine),
            "lost": round(sum(one.lost for one in mine) / len(mine), 4),
            "stoi": round(mean, 4),
            "stoi_p5": round(percentile(scores, 0.05) or 0.0, 4),
            "stoi_least": round(min(scores), 4),
            "unrepaired": round(sum(one.unrepaired for one in mine) / len(mine), 4),
        }
        targets.append(Target("", f"{name}: mean STOI", f"≥ {least:g}", round(mean, 4), mean >= least))
    return {
        "quick": quick,
        "passed": all(one.passed for one in targets),
        "wires": wires,
        "targets": [one.as_json() for one in targets],
        "sentences": [asdict(one) for one in sentences],
    }


def markdown(report: dict[str, Any]) -> str:
    """The figures as tables."""
    wires = (
        (name, *(one[key] for key in ("sentences", "lost", "stoi", "stoi_p5", "stoi_least", "unrepaired")))
        for name, one in report["wires"].items()
    )
    rows = ((one["what"], one["limit"], one["value"], "pass" if one["passed"] else "FAIL") for one in report["targets"])
    head = ("wire", "sentences", "packets lost", "STOI, mean", "5 %", "least", "without repair, mean")
    return "\n\n".join((
        "# Intelligibility behind the transport path",
        "`python -m bench.transport`: a synthetic voice through our media path and back, over real UDP; STOI against "
        "the sound before the first encoder (1 is perfect). *Without repair*: the packets that came, once decoded, "
        "with silence for each that did not.",
        table(head, wires),
        table(("", "wanted", "found", ""), rows),
    )) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
