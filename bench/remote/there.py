"""A Redis and workers, as processes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.engines.registry import Kind


@contextmanager
def workers(engines: Iterable[tuple[Kind, str]]) -> Iterator[str]:
    """Run them; yield the URL of the Redis. They have been started, and need not be ready."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-redis-", dir="/tmp"))
        socket = Path(folder) / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
        _start(stack, ["redis-server", *options], folder)
        url = f"unix://{socket}"
        for kind, engine in engines:
            command = [sys.executable, "-m", "server.cli.main", "worker", f"--{kind}", engine, "--name", kind]
            _start(stack, command, os.getcwd(), DRAGOMAN_REDIS_URL=url)
        yield url


def _start(stack: ExitStack, command: list[str], folder: str, **environment: str) -> None:
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    stack.callback(process.wait)
    stack.callback(process.kill)
