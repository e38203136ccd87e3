"""The server of a soak: a process under the unit's limits, what it says of itself, and what /proc says of it."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from bench import own_server
from bench.rtp_load.cores import Failed
from bench.soak.process_size import engines, process_size
from bench.soak.unit_limits import UnitLimits

SETTINGS = {**own_server.SETTINGS, "DRAGOMAN_MT_MEMORY": "0"}
"""Each sentence is translated anew."""
STOP_S = 60.0


class SoakedServer:
    """`async with SoakedServer(folder, limits) as server`: it is ready, and ends with the scope. Raises Failed."""

    def __init__(self, folder: Path, limits: UnitLimits) -> None:
        self._limits = limits
        self._folder = folder
        self.log = own_server.log_of(folder)
        self.url = ""
        self.pid = 0

    async def __aenter__(self) -> Self:
        self._process, self.url = await own_server.start(self._folder, SETTINGS, prefix=self._limits.prefix)
        self.pid = self._process.pid
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()
        with contextlib.suppress(Failed):  # it is killed, and its exceptions are read from the log
            await own_server.end(self._process, signal.SIGTERM, STOP_S)

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
            "connections": server["connections"],
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
