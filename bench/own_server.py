"""Starts our server by its command, as a process of a bench that is free of limits for one address."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.rtp_load.cores import Failed

SETTINGS: Mapping[str, str] = {
    "DRAGOMAN_MODELS": "starter",
    "DRAGOMAN_ADDRESS_SHARE": "1",
    "DRAGOMAN_GUESTS_PER_HOUR": "1000000",
    "DRAGOMAN_SESSIONS_PER_HOUR": "1000000",
    "DRAGOMAN_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_ADDRESS_REQUESTS_PER_MINUTE": "1000000",
}
"""All clients have one address."""


async def start(
    folder: Path, settings: Mapping[str, str], *, port: int = 0, prefix: Sequence[str] = ()
) -> tuple[Process, str]:
    """Start a server with its data and log in `folder`. Return its process and its address. Raises Failed.

    `prefix` is a command that runs the server under limits.
    """
    command = [*prefix, sys.executable, "-m", "server.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port)]
    environment = os.environ | settings | {"DRAGOMAN_DATA": str(folder / "data")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed server has its bytecode, and so has this one
    log = _log(folder)
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=errors, env=environment)
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    if not line.startswith("ready "):
        raise Failed(f"the server did not get ready: see {log}")
    return process, line.split()[1]


async def end(process: Process, number: int, within_s: float) -> int:
    """Send the process a signal and return its exit status. Raises Failed, and kills it, if it takes too long."""
    if process.returncode is None:
        process.send_signal(number)
    try:
        return await asyncio.wait_for(process.wait(), within_s)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Failed("the server did not end") from None


def _log(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return log_of(folder)


def log_of(folder: Path) -> Path:
    """Return the log of the servers that had their data in `folder`."""
    return folder / "server.log"
