"""The servers that are compared, and one of them running on its own core."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.environments import python_of
from bench.peers import PROGRAMS
from bench.rtp_load.cores import Cores, Failed, Running

OURS = "dragoman"


@dataclass(frozen=True, slots=True)
class Contender:
    """`environment` is None for our own; `options` go to the server's command line."""

    name: str
    file: str
    environment: str | None
    path: str = "/offer"
    options: tuple[str, ...] = ()
    encodings: int = 2

    @property
    def command(self) -> list[str]:
        if self.environment is None:
            return [sys.executable, "-m", f"bench.peers.{self.file}", *self.options]
        return [str(python_of(self.environment)), str(PROGRAMS / f"{self.file}.py"), *self.options]


ECHOES = (
    Contender(OURS, "echo_dragoman", None),
    Contender("aiortc", "echo_aiortc", "aiortc"),
    Contender("fastrtc", "echo_fastrtc", "fastrtc", path="/webrtc/offer"),
    Contender("pipecat", "echo_pipecat", "pipecat"),
)
CALLS = (
    Contender(OURS, "call_dragoman", None, encodings=1),
    Contender("aiortc", "call_aiortc", "aiortc"),
)
CALL_ONCE = Contender("aiortc, silent between", "call_aiortc", "aiortc", options=("--quiet",))
"""Shown beside the others in the first round: what stock aiortc saves when its interpreter waits."""


@contextlib.contextmanager
def running(contender: Contender, cores: Cores, log: Path) -> Iterator[Running]:
    """A server, pinned, until the scope is left."""
    with log.open("ab") as errors:
        server = subprocess.Popen(
            contender.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=partial(os.sched_setaffinity, 0, {cores.server}),
        )
        assert server.stdin is not None and server.stdout is not None
        try:
            line = next((line for line in server.stdout if line.startswith("ready ")), None)
            if line is None:
                raise Failed(f"{contender.name} did not start: see {log}")
            yield Running(f"http://127.0.0.1:{line.split()[1]}{contender.path}", server.pid)
        finally:
            server.stdin.close()
            try:
                server.wait(timeout=1)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            server.stdout.close()


def measure(server: Running, cores: Cores, log: Path, job: dict[str, Any], timeout: float = 300) -> Any:
    """Let the generator do a job on a running server; returns its results."""
    module = f"bench.media.{'ramp' if 'ramp' in job else 'generator'}"
    with log.open("ab") as errors:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps({"url": server.url, "pid": server.pid, **job}),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=timeout,
            preexec_fn=partial(os.sched_setaffinity, 0, {cores.generator}),
        )
    if done.returncode:
        raise Failed(f"the generator failed: see {log}")
    return json.loads(done.stdout)
