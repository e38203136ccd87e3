"""The server as its users run it: a process, the settings from its environment; and the load beside it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from testing.spoken_turns import Turn

FOLDER = Path("build/bench/interpreting")
PLENTY = {
    f"DRAGOMAN_{name}": "1000000"
    for name in ("GUESTS_PER_HOUR", "SESSIONS_PER_HOUR", "REQUESTS_PER_MINUTE", "ADDRESS_REQUESTS_PER_MINUTE")
}
FORGETFUL = {"DRAGOMAN_MT_MEMORY": "0"}  # our sentences come often: each is translated anew


class Failed(RuntimeError):
    """A server or the load ended early; the message says where it wrote why."""


@contextlib.contextmanager
def dragoman(settings: Mapping[str, str], name: str) -> Iterator[str]:
    """A server with these settings until the scope is left; its address."""
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
    """A server until the scope is left; the line in which it says `ready`. Raises Failed."""
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


def talk(server: str, kind: str, name: str, calls: Sequence[Sequence[Turn]], patience: float, dtx: bool = False) -> Any:
    """Let the load say these turns in as many calls at the same time; its results, a list of calls."""
    folder = FOLDER / "said"
    folder.mkdir(parents=True, exist_ok=True)
    out = FOLDER / f"{name}.json"
    job: dict[str, Any] = {"server": server, "kind": kind, "out": str(out), "calls": []}
    for number, turns in enumerate(calls):
        told = []
        for turn in turns:
            file = folder / f"{turn.name}.npy"
            np.save(file, turn.audio)
            told.append(
                {"name": turn.name, "file": str(file), "end": turn.end, "seconds": turn.seconds, "patience": patience}
            )
        language = turns[0].language
        target = {"en": "es", "es": "en"}[language]
        stem = str(FOLDER / f"{name}-{number}")
        job["calls"].append({"language": language, "target": target, "dtx": dtx, "stem": stem, "turns": told})
    longest = max(sum(2.5 * turn.seconds + patience for turn in turns) for turns in calls)
    log = FOLDER / f"{name}-load.log"
    with log.open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "bench.interpreting.talk"],
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
    """The turns spread over that many calls, one language in each."""
    hands: list[list[Turn]] = []
    languages = sorted({turn.language for turn in turns})
    share = max(1, calls // len(languages))
    for language in languages:
        mine = [turn for turn in turns if turn.language == language]
        hands += [mine[number::share] for number in range(share) if mine[number::share]]
    return hands


def counters(server: str) -> dict[str, float]:
    """The server's metrics whose name speaks of speculation, by name and labels; none where it doesn't speculate."""
    with urllib.request.urlopen(f"{server}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = [line.rpartition(" ") for line in lines if "specul" in line and not line.startswith("#")]
    return {name: float(value) for name, _, value in found if not name.split("{")[0].endswith("_created")}


def busy(seconds: float = 1.0) -> float:
    """The share of time that the machine's cores are busy while we do nothing."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    return round((after[0] - before[0]) / max(1, after[1] - before[1]), 3)


class Watch:
    """While it is entered: `others`, the share of the machine's time that went to what isn't of our making."""

    others = 0.0

    def __enter__(self) -> Self:
        self._before = *_ticks(), _of_descendants()
        return self

    def __exit__(self, *_: object) -> None:
        busy_ticks, all_ticks, ours = *_ticks(), _of_descendants()
        other = busy_ticks - self._before[0] - (ours - self._before[2])
        self.others = round(max(0, other) / max(1, all_ticks - self._before[1]), 3)


def _ticks() -> tuple[int, int]:
    """Busy ticks, and all ticks, of all cores (proc(5))."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _of_descendants() -> int:
    """Ticks of this process and of all that descend from it, those that have ended included."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                parents[int(entry.name)], ticks[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))

    def ours(process: int) -> bool:
        while process > 1 and process != os.getpid():
            process = parents.get(process, 0)
        return process == os.getpid()

    return sum(spent for process, spent in ticks.items() if ours(process))
