"""The server that is replaced: one process after another, on the same port and data."""

from __future__ import annotations

import signal
import time
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path

from bench import own_server
from bench.rtp_load.cores import Failed

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
        self._process, self.url = await own_server.start(self.folder, own_server.SETTINGS, port=self._port)
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
        status = await own_server.end(self._process, number, LONGEST_S)
        if status:
            raise Failed(f"the server ended with status {status}: see {own_server.log_of(self.folder)}")
