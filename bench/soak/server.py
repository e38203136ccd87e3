"""The server of a soak: a process under the unit's limits, what it says of itself, and what /proc says of it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from bench.rtp_load.cores import Failed
from bench.soak.process_size import engines, process_size
from bench.soak.unit_limits import UnitLimits

SETTINGS = {
    "DRAGOMAN_MODELS": "starter",
    "DRAGOMAN_ADDRESS_SHARE": "1",
    "DRAGOMAN_GUESTS_PER_HOUR": "1000000",
    "DRAGOMAN_SESSIONS_PER_HOUR": "1000000",
    "DRAGOMAN_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_ADDRESS_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_MT_MEMORY": "0",
}
"""All clients have one address; each sentence is translated anew."""
STOP_S = 60.0


class SoakedServer:
    """`async with SoakedServer(folder, limits) as server`: it is ready, and ends with the scope. Raises Failed."""

    def __init__(self, folder: Path, limits: UnitLimits) -> None:
        self._limits = limits
        self._folder = folder
        self.log = folder / "server.log"
        self.url = ""
        self.pid = 0

    async def __aenter__(self) -> Self:
        command = [sys.executable, "-m", "server.cli.main", "serve", "--host", "127.0.0.1", "--port", "0"]
        environment = os.environ | SETTINGS | {"DRAGOMAN_DATA": str(self._folder / "data")}
        self._folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as errors:
            self._process: Process = await asyncio.create_subprocess_exec(
                *self._limits.prefix, *command, stdout=subprocess.PIPE, stderr=errors, env=environment
            )
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        if not line.startswith("ready "):
            raise Failed(f"the server did not get ready: see {self.log}")
        self.url, self.pid = line.split()[1], self._process.pid
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    @property
    def engines(self) -> list[int]:
        """The processes of the engines."""
        return engines(self.pid)

    async def ready(self) -> bool:
        """Return True if `/ready` is green."""
        async with self._http.get(f"{self.url}/ready") as answer:
            return answer.status == 200

    async def metrics(self) -> dict[str, float]:
        """Return the metrics, summed over their labels."""
        async with self._http.get(f"{self.url}/metrics") as answer:
            text = await answer.text()
        found: dict[str, float] = {}
        for name, value in re.findall(r"^(\w+)(?:\{[^}]*\})? (\S+)", text, re.MULTILINE):
            found[name] = found.get(name, 0.0) + float(value)
        return found

    async def size(self) -> dict[str, float]:
        """Return what the server and its engines hold now: MB, threads, open files, tasks, sessions."""
        told, server = await self.metrics(), process_size(self.pid)
        hosts = [one for pid in self.engines if (one := process_size(pid))]
        return {
            "server_mb": server["rss"] / 1000,
            "engines_mb": sum(one["rss"] for one in hosts) / 1000,
            "files": server["files"],
            "threads": server["threads"],
            "all_threads": server["threads"] + sum(one["threads"] for one in hosts),
            "tasks": told["dragoman_tasks"],
            "sessions": told["dragoman_sessions"],
        }

    def exceptions(self) -> list[str]:
        """Return the messages of the log's records that hold an exception, and its lines that are no record."""
        found = []
        for line in self.log.read_text("utf-8", "replace").splitlines():
            try:
                record: dict[str, Any] = json.loads(line)
            except ValueError:
                found.append(line[:200])
                continue
            if "exception" in record:
                found.append(f"{record['message']}: {record['exception'].splitlines()[-1]}"[:200])
        return found
