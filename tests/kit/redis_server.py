"""A real redis-server on a free loopback port, with the shipped configuration but for its port, TLS and passwords."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.free_port import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "redis" / "redis.conf"
PLAIN = "port", "tls", "aclfile"
"""Beginnings of the directives that a Redis without TLS and roles does not have."""


class RedisServer:
    """A Redis whose working directory is `folder`. `restart` keeps the port, and nothing else."""

    def __init__(self, folder: Path, more: str = "", *, without: tuple[str, ...] = PLAIN) -> None:
        self.folder = folder
        self.port = free_port()
        shipped = CONFIGURATION.read_text().splitlines()
        kept = [line for line in shipped if not line.startswith(without)]
        self._configuration = folder / "redis.conf"
        self._configuration.write_text("\n".join([*kept, more.replace("{port}", str(self.port))]) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and return once it accepts connections."""
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", str(self._configuration)], cwd=self.folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except OSError:
                time.sleep(0.01)
        raise AssertionError(f"redis-server did not start:\n{(self.folder / 'redis.log').read_text()}")

    def kill(self) -> None:
        """End it at once, and all that it holds."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """Let it stand still, as a machine that is out of reach."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a pause."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """Run a Redis without TLS, roles and password."""
    server = RedisServer(folder, "port {port}")
    server.start()
    try:
        yield server
    finally:
        server.kill()
