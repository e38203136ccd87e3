"""`python -m bench.latency`: how late the interpreter is, measured at the listener's ear.

Speech in real time goes through real WebRTC into the server and out to the listener; mouth and ear are read from
one clock, and what was heard is recognised from the listener's recording: a failure is infinitely late. Profiles:
`starter` (the bundled models), `scripted` (engines without cost: our own overhead), `true-size` (models as large as
Whisper base or small and OPUS-MT with random weights, run for their time: padded, which every weights bear, and short,
for weights that are judged to bear it). `--models PATH` adds real ones (`stt/`, `mt/`),
`--peers` the smallest translation bots of FastRTC and Pipecat with our engines inside. The listener's own jitter
buffer is not in the figures.

Writes `bench/results/latency.json`, `.md` and `.png`; the last line of output is one JSON object, the exit status
says whether all that was measured reached its target. `--quick` is a short run, which writes under `build/bench/`.
Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.environments import install
from bench.latency import figures, judged_calls, whole_files
from bench.latency.table import markdown
from bench.latency.targets import targets
from bench.report.machine import Watch, busy_share, described
from bench.report.publishing import RESULTS, publish
from bench.talk import engine_entry_points, profiles, server_process
from bench.talk.profiles import Profile
from bench.talk.server_process import FOLDER
from bench.talk.tone_language import ToneRecogniser
from testing.bundled_recogniser import BundledRecogniser

USUAL = tuple(profiles.ALL)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a short run; the results in the repository stay")
    options.add_argument("--profiles", default=",".join(USUAL), help="a choice of: %(default)s")
    options.add_argument("--models", metavar="PATH", help="a folder with real models in stt/ and mt/")
    options.add_argument("--peers", action="store_true", help="FastRTC's and Pipecat's bots too")
    given = options.parse_args()
    try:
        chosen = [profiles.ALL[name.strip()] for name in given.profiles.split(",") if name.strip()]
    except KeyError as unknown:
        options.error(f"there is no profile {unknown}; there are {', '.join(profiles.ALL)}")
    if given.models:
        chosen.append(profiles.real(given.models))
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        install(["tools"])
        report = Bench(given.quick).run(chosen, given.peers)
    except (server_process.Failed, subprocess.SubprocessError) as reason:
        print(f"bench.latency: {reason}", file=sys.stderr)
        return 2
    folder = FOLDER / "results" if report["quick"] else RESULTS
    return publish("latency", report, markdown(report), folder, plot=Path(__file__).with_name("plot.py"))


class Bench:
    """One run."""

    def __init__(self, quick: bool) -> None:
        self._quick = quick
        self._began = time.monotonic()
        self._recogniser = BundledRecogniser()

    def run(self, chosen: list[Profile], peers: bool) -> dict[str, Any]:
        """Measure every profile in order, and the peers where `peers` is set. Return the report."""
        report: dict[str, Any] = {
            "quick": self._quick,
            "machine": self._machine(),
            "versions": {name: version(name) for name in ("ctranslate2", "faster-whisper", "aiortc")},
            "profiles": {profile.name: self._profile(profile) for profile in chosen},
        }
        if peers:
            from bench.latency import peer_bots as others

            report["versions"] |= others.versions()
            report["peers"] = others.measure(self._quick, self._recogniser, self._say)
        found = targets(report)
        report["targets"] = [target.as_json() for target in found]
        report["passed"] = all(target.passed is not False for target in found)
        report["seconds"] = round(time.monotonic() - self._began, 1)
        return report

    def _profile(self, profile: Profile) -> dict[str, Any]:
        """Measure one server with the engines of `profile`, all loads one after the other."""
        if self._quick:
            profile = profiles.quick(profile)
        turns = {kind: profile.material(kind) for kind in profile.loads}
        settings = dict(profile.settings)
        ear: Any = self._recogniser
        if profile.script:
            settings |= engine_entry_points.settings(profile, [turn for of in turns.values() for turn in of])
        if profile.script and not profile.size:
            ear = ToneRecogniser()
            turns = {kind: engine_entry_points.in_tones(of) for kind, of in turns.items()}
        result: dict[str, Any] = {}
        with server_process.dragoman(settings, _file(profile.name)) as server:
            for kind, load in profile.loads.items():
                self._say(f"{profile.name}: {load.turns} × {kind}, {load.calls} calls at once")
                name = f"{_file(profile.name)}-{kind}"
                hands = server_process.dealt(turns[kind], load.calls)
                with Watch() as watch:
                    calls = server_process.talk(server, "dragoman", name, hands, load.patience, load.dtx)
                judged = judged_calls.of_dragoman(turns[kind], calls, ear, own_words=profile.own_words)
                result[kind] = figures.figures(judged)
                result[kind]["callsAtOnce"] = len(hands)
                result[kind]["othersBusy"] = watch.others
                result[kind]["senderLateMaxMs"] = max(call["microphone"]["maxLateMs"] for call in calls)
                if kind == "single":
                    result[kind]["waterfall"] = figures.waterfall(judged)
                if kind != "long" and not profile.script and not profile.own_words:
                    whole = whole_files.WholeFile(self._recogniser)
                    result[kind]["whole"] = whole_files.against_whole_files(judged, whole)
            result["speculation"] = server_process.counters(server)
        return result

    def _machine(self) -> dict[str, Any]:
        return described() | {"busyBefore": busy_share(2.0)}

    def _say(self, what: str) -> None:
        print(f"{time.monotonic() - self._began:6.0f} s  {what}", file=sys.stderr, flush=True)


def _file(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


if __name__ == "__main__":
    sys.exit(main())
