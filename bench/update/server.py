"""The server that is replaced: one process after another, on the same port and data."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path

from bench.rtp_load.cores import Failed

SETTINGS = {
    "DRAGOMAN_MODELS": "starter",
    "DRAGOMAN_ADDRESS_SHARE": "1",
    "DRAGOMAN_GUESTS_PER_HOUR": "1000000",
    "DRAGOMAN_SESSIONS_PER_HOUR": "1000000",
    "DRAGOMAN_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_ADDRESS_REQUESTS_PER_MINUTE": "1000000",
}
"""All clients have one address."""
LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Update:
    """One replacement; loop time, s."""

    signalled: float
    ended: float
    ready: float


@dataclass(slots=True)
class ReplacedServer:
    """`url` is that of every process."""

    folder: Path
    url: str = ""
    _port: int = 0
    _process: Process | None = None
    updates: list[Update] = field(default_factory=list)

    async def start(self) -> None:
        """Start a process, and return once it is ready. Raises Failed."""
        command = [sys.executable, "-m", "server.cli.main", "serve", "--host", "127.0.0.1", "--port", str(self._port)]
        environment = os.environ | SETTINGS | {"DRAGOMAN_DATA": str(self.folder / "data")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed server has its bytecode, and so has this one
        log = self.folder / "server.log"
        with log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdout=subprocess.PIPE, stderr=errors, env=environment
            )
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        if not line.startswith("ready "):
            raise Failed(f"the server did not get ready: see {log}")
        self.url = line.split()[1]
        self._port = int(self.url.rpartition(":")[2])

    async def update(self) -> None:
        """Replace the process by the next one. Raises Failed."""
        signalled = time.monotonic()
        await self._stop(signal.SIGHUP)
        ended = time.monotonic()
        await self.start()
        self.updates.append(Update(signalled, ended, time.monotonic()))

    async def stop(self) -> None:
        """End the process, and its calls. Raises Failed."""
        await self._stop(signal.SIGTERM)

    async def _stop(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        try:
            status = await asyncio.wait_for(self._process.wait(), LONGEST_S)
        except TimeoutError:
            self._process.kill()
            raise Failed("the server did not end") from None
        if status:
            raise Failed(f"the server ended with status {status}: see {self.folder / 'server.log'}")
