"""The server as its users run it: a process, the settings from its environment; and the load beside it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from testing.spoken_turns import Turn

FOLDER = Path("build/bench/talk")
PLENTY = {
    f"DRAGOMAN_{name}": "1000000"
    for name in ("GUESTS_PER_HOUR", "SESSIONS_PER_HOUR", "REQUESTS_PER_MINUTE", "ADDRESS_REQUESTS_PER_MINUTE")
}
FORGETFUL = {"DRAGOMAN_MT_MEMORY": "0"}  # our sentences come often: each is translated anew


class Failed(RuntimeError):
    """A server or the load ended early; the message says where it wrote why."""


@contextlib.contextmanager
def dragoman(settings: Mapping[str, str], name: str) -> Iterator[str]:
    """Run a server with these settings until the scope is left; yield its address."""
    log = FOLDER / f"{name}.log"
    environment = {
        **os.environ, **PLENTY, **FORGETFUL,
        "DRAGOMAN_DATA": str(FOLDER / "data"), "DRAGOMAN_ADDRESS_SHARE": "1", **settings,
    }  # fmt: skip
    command = [sys.executable, "-m", "server.cli.main", "serve", "--host", "127.0.0.1", "--port", "0"]
    with process(command, log, environment) as line:
        yield line.split()[1]


@contextlib.contextmanager
def process(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server until the scope is left; yield the line in which it says `ready`. Raises Failed."""
    with log.open("wb") as errors:
        running = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(environment),
            text=True,
        )
        assert running.stdout is not None and running.stdin is not None
        try:
            line = next((line for line in running.stdout if line.startswith("ready ")), None)
            if line is None:
                raise Failed(f"a server did not get ready: see {log}")
            yield line
        finally:
            running.stdin.close()
            running.terminate()
            try:
                running.wait(timeout=15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
            running.stdout.close()


def talk(
    server: str,
    kind: str,
    name: str,
    calls: Sequence[Sequence[Turn]],
    patience: float,
    dtx: bool = False,
    *,
    share: float = 0.0,
    least: float | None = None,
) -> Any:
    """Let the load say `turns` in parallel `calls`, and return its results, a list of calls.

    A turn is given up `patience` seconds after its end, and `share` of its length later. `least`: seconds after its end
    before the silence of a bot means that it has said all; None for the usual ones.
    """
    folder = FOLDER / "said"
    folder.mkdir(parents=True, exist_ok=True)
    out = FOLDER / f"{name}.json"
    job: dict[str, Any] = {"server": server, "kind": kind, "out": str(out), "calls": []}
    for number, turns in enumerate(calls):
        told = []
        for turn in turns:
            file = folder / f"{turn.name}.npy"
            np.save(file, turn.audio)
            waits = patience + share * turn.seconds
            told.append(
                {"name": turn.name, "file": str(file), "end": turn.end, "seconds": turn.seconds, "patience": waits}
            )
        language = turns[0].language
        target = {"en": "es", "es": "en"}[language]
        stem = str(FOLDER / f"{name}-{number}")
        call = {"language": language, "target": target, "dtx": dtx, "stem": stem, "least": least, "turns": told}
        job["calls"].append(call)
    longest = max(sum((2.5 + share) * turn.seconds + patience for turn in turns) for turns in calls)
    log = FOLDER / f"{name}-load.log"
    with log.open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "bench.talk"],
            input=json.dumps(job),
            stdout=errors,
            stderr=errors,
            text=True,
            timeout=60 + longest,
        )
    if done.returncode:
        raise Failed(f"the load failed: see {log}")
    return json.loads(out.read_text(encoding="utf-8"))


def dealt(turns: Sequence[Turn], calls: int) -> list[list[Turn]]:
    """Return the turns spread over `calls` calls, one language in each."""
    hands: list[list[Turn]] = []
    languages = sorted({turn.language for turn in turns})
    share = max(1, calls // len(languages))
    for language in languages:
        mine = [turn for turn in turns if turn.language == language]
        hands += [mine[number::share] for number in range(share) if mine[number::share]]
    return hands


def counters(server: str) -> dict[str, float]:
    """Return the server's metrics of speculation, by name and labels; none where it doesn't speculate."""
    with urllib.request.urlopen(f"{server}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = [line.rpartition(" ") for line in lines if "specul" in line and not line.startswith("#")]
    return {name: float(value) for name, _, value in found if not name.split("{")[0].endswith("_created")}
