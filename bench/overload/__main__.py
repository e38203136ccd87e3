"""`python -m bench.overload`: past its knee the real server refuses new sessions, and running calls stay on time.

`dragoman serve` on one core, with scripted engines; real calls over UDP from another core, made through HTTP and
WebSockets, one more each second until the server answers 503 `at_capacity`. It is asked on for 20 s, then half of
the calls leave. Writes `bench/results/overload.json` and `.md`; the last line of output is one JSON object, the
exit status says whether the targets were met. Takes about two minutes of a quiet machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.overload.verdict import markdown, targets
from bench.report.machine import busy_seconds, described
from bench.report.publishing import publish
from bench.rtp_load.cores import Cores, Failed, Running

FOLDER = Path("build/bench/overload")
READY_S = 60.0
QUIET_S = 2.0
LONGEST_S = 170.0
PLAN = {"every_s": 1.0, "climb_s": 100.0, "on_s": 20.0, "ask_s": 0.5, "back_s": 15.0, "after_s": 5.0}
"""Seconds: between two calls, at most until the first refusal, of asking on, between two questions after half
have left, at most until one more is let in, and of measuring then."""
SETTINGS = {
    "DRAGOMAN_MODELS": "scripted",
    "DRAGOMAN_STT": 'scripted:{"texts": {"en": "word", "es": "palabra"}}',
    "DRAGOMAN_TTS": 'scripted:{"seconds": 1.5, "tone_hz": 600}',
    "DRAGOMAN_VAD": "loudness",
    "DRAGOMAN_SESSIONS": "1000",
    "DRAGOMAN_ADDRESS_SHARE": "1",
    "DRAGOMAN_GUESTS_PER_HOUR": "1000000",
    "DRAGOMAN_SESSIONS_PER_HOUR": "1000000",
    "DRAGOMAN_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_ADDRESS_REQUESTS_PER_MINUTE": "1000000",
}
"""Options of the server.

Each slot of the load is a tone, which only the detector by loudness takes for speech; all clients have one address.
"""


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    began = time.monotonic()
    try:
        cores = Cores.pick()
        report: dict[str, Any] = {"machine": _machine(cores)}
        with _server(cores) as server:
            report |= _load(server, cores)
    except (Failed, subprocess.SubprocessError) as reason:
        print(f"bench.overload: {reason}", file=sys.stderr)
        return 2
    report["seconds_taken"] = round(time.monotonic() - began, 1)
    found = targets(report)
    report["targets"] = [target.as_json() for target in found]
    report["passed"] = all(target.passed for target in found)
    return publish("overload", report, markdown(report), unprinted=("seconds", "attempts"))


@contextlib.contextmanager
def _server(cores: Cores) -> Iterator[Running]:
    """Run the server by its command, it and its engines on one core. Raises Failed."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    with (FOLDER / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "server.cli.main", "serve", "--host", "127.0.0.1", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            env=ours | SETTINGS | {"DRAGOMAN_DATA": str(FOLDER / "data")},
            preexec_fn=partial(os.sched_setaffinity, 0, {cores.server}),
        )
    assert server.stdout is not None
    try:
        ready, _, _ = select.select([server.stdout], [], [], READY_S)
        line = server.stdout.readline().decode() if ready else ""
        if not line.startswith("ready "):
            raise Failed(f"the server did not get ready: see {log.name}")
        yield Running(line.split()[1], server.pid)
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        server.stdout.close()


def _machine(cores: Cores) -> dict[str, Any]:
    """Return the machine's names, and the share of time that the two cores are busy while we do nothing."""
    pair = (cores.server, cores.generator)
    before = sum(map(busy_seconds, pair))
    time.sleep(QUIET_S)
    return described() | {
        "busy_before": round((sum(map(busy_seconds, pair)) - before) / QUIET_S / len(pair), 3),
    }


def _load(server: Running, cores: Cores) -> dict[str, Any]:
    """Run the load and return its results, with the share of other work on the server's core. Raises Failed."""
    log = FOLDER / "load.log"
    with log.open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "bench.overload.load"],
            input=json.dumps({"url": server.url, "pid": server.pid, "plan": PLAN}),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=LONGEST_S,
            preexec_fn=partial(os.sched_setaffinity, 0, {cores.generator}),
        )
    if done.returncode:
        raise Failed(f"the load failed: see {log}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    sys.exit(main())
