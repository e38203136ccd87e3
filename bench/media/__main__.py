"""`python -m bench.media`: our media path beside stock aiortc, FastRTC and Pipecat, in one interleaved run.

CPU for each peer, delay through the server, loss and jitter, the capacity of a core, the pacer beside a
burning engine. The others are installed by pip into environments of their own under `build/bench/` the first
time (2 GB). Writes `bench/results/media.json`, `.md` and `.png`; the last line of output is one JSON object.
`--quick` is a short run without capacity, words and profile, which writes under `build/bench/`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.environments import FOLDER, REQUIREMENTS, install, versions
from bench.media import figures, pacing
from bench.media.contenders import CALL_ONCE, CALLS, ECHOES, OURS, Contender, measure, running
from bench.media.fewer_peers import Side, cpu_of, side_by_side
from bench.media.plan import FULL, QUICK, Plan
from bench.media.profiling import profile
from bench.media.table import markdown
from bench.media.understood_words import score
from bench.report.machine import busy_seconds, described
from bench.report.publishing import RESULTS, publish
from bench.rtp_load.cores import Cores, Failed
from testing.bundled_recogniser import BundledRecogniser

Rounds = dict[str, list[list[dict[str, Any]]]]
Sides = dict[str, list[Side]]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a short run; the results in the repository stay")
    plan = QUICK if options.parse_args().quick else FULL
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        install(list(REQUIREMENTS))
        report = Bench(plan).run()
    except (Failed, subprocess.SubprocessError) as reason:
        print(f"bench.media: {reason}", file=sys.stderr)
        return 2
    folder = FOLDER / "results" if plan.quick else RESULTS
    return publish("media", report, markdown(report), folder, plot=Path(__file__).with_name("plot.py"))


class Bench:
    """One run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._cores = Cores.pick()
        self._log = FOLDER / "media.log"
        self._log.write_bytes(b"")
        self._began = time.monotonic()

    def run(self) -> dict[str, Any]:
        """Run everything in order and return the report."""
        plan = self._plan
        machine = self._machine()
        rounds: dict[str, Rounds] = {
            "echo": {one.name: [] for one in ECHOES},
            "call": {one.name: [] for one in (*CALLS, CALL_ONCE)},
        }
        sides: dict[str, Sides] = {kind: {} for kind in rounds}
        for number in range(plan.rounds):
            once = (CALL_ONCE,) if number == 0 and not plan.quick else ()
            for kind, contenders in (("echo", ECHOES), ("call", (*CALLS, *once))):
                self._round(kind, number, contenders, rounds[kind], sides[kind])
        report: dict[str, Any] = {
            "quick": plan.quick,
            "rounds": plan.rounds,
            "peers": plan.peers,
            "machine": machine,
            "versions": self._versions(),
            **{kind: {name: figures.figures_of(of) for name, of in rounds[kind].items() if of} for kind in rounds},
            "ratios": {kind: figures.ratios_of(sides[kind]) for kind in rounds},
            "beside": {kind: figures.beside(sides[kind]) for kind in rounds},
            "silent_call": {one.name: self._silent(one) for one in CALLS},
        }
        if not plan.quick:
            report["words"] = self._words()
            report["capacity"] = {"echo": self._capacity(ECHOES, 1), "call": self._capacity(CALLS, 2)}
            self._say("profile", OURS)
            peers = max(8, round(report["capacity"]["call"][OURS]["capacity"] * 0.7 / 2) * 2)
            report["profile"] = profile(CALLS[0], self._cores, self._log, peers, plan.profile_s)
        self._say("pacer", "beside a burning engine")
        report["pacer"] = pacing.measure(self._cores.server, plan.pacer_s)
        found = figures.targets(report)
        report["targets"] = [target.as_json() for target in found]
        report["passed"] = all(target.passed is not False for target in found)
        report["seconds"] = round(time.monotonic() - self._began, 1)
        return report

    def _round(self, kind: str, number: int, contenders: tuple[Contender, ...], rounds: Rounds, sides: Sides) -> None:
        """Measure each contender, and where it fills its core, it and ours once more with fewer peers."""
        plan = self._plan

        @cache
        def measured(contender: Contender, peers: int) -> list[dict[str, Any]]:
            plan_of = replace(plan, peers=peers)
            make = plan_of.echo_phases if kind == "echo" else plan_of.call_phases
            phases = make(number, contender.encodings)[: None if peers == plan.peers else 1]
            found: list[dict[str, Any]] = self._do(
                contender, f"{kind}, round {number + 1}, {peers} peers", {"phases": phases}
            )
            return found

        for contender in contenders:
            phases = measured(contender, plan.peers)
            rounds[contender.name].append(phases)
            if contender.name != OURS:
                ours, theirs = partial(measured, contenders[0]), partial(measured, contender)
                side = side_by_side(phases, plan.peers, ours, theirs)
                sides.setdefault(contender.name, []).extend([side] if side else [])

    def _silent(self, contender: Contender) -> float | None:
        """Return what each peer of a call costs in which nobody speaks, % of a core."""
        phases = self._plan.call_phases(0, contender.encodings, "silence")
        return cpu_of(self._do(contender, "silent call", {"phases": phases}))

    def _do(self, contender: Contender, what: str, job: dict[str, Any]) -> Any:
        self._say(what, contender.name)
        with running(contender, self._cores, self._log) as server:
            return measure(server, self._cores, self._log, job)

    def _words(self) -> dict[str, dict[str, float]]:
        recogniser = BundledRecogniser()
        folder = FOLDER / "heard"
        folder.mkdir(exist_ok=True)
        scores = {}
        for contender in ECHOES:
            phase = self._do(contender, "words", {"phases": [self._plan.words_phase(str(folder))]})[0]
            groups = phase.get("groups", [])
            found = score(groups, recogniser)
            scores[contender.name] = {
                figures.wire_name(group): round(one["share"], 4) for group, one in zip(groups, found, strict=True)
            }
        return scores

    def _capacity(self, contenders: tuple[Contender, ...], lines: int) -> dict[str, Any]:
        return {
            contender.name: self._do(contender, "capacity", {"ramp": self._plan.ramp(lines)})
            for contender in contenders
        }

    def _machine(self) -> dict[str, Any]:
        return described() | {"busy_before": round(_busy(self._cores, 1.0), 3)}

    def _versions(self) -> dict[str, str]:
        found = {"aiortc": versions("aiortc", ["aiortc"])["aiortc"]}
        return found | versions("fastrtc", ["fastrtc"]) | {"pipecat": versions("pipecat", ["pipecat-ai"])["pipecat-ai"]}

    def _say(self, what: str, who: str) -> None:
        print(f"{time.monotonic() - self._began:6.0f} s  {what}: {who}", file=sys.stderr, flush=True)


def _busy(cores: Cores, seconds: float) -> float:
    """Return the share of time that the two cores are busy while we do nothing."""
    pair = (cores.server, cores.generator)
    before = sum(map(busy_seconds, pair))
    time.sleep(seconds)
    return (sum(map(busy_seconds, pair)) - before) / seconds / 2


if __name__ == "__main__":
    sys.exit(main())
