"""Processes of the demo: a server by its command, and headless peers that know its address and the code alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

FOLDER = Path("build/demo")
LIKELY_PORT = 8080
DRAGOMAN = [sys.executable, "-m", "server.cli.main"]


@contextlib.asynccontextmanager
async def server(name: str, settings: Mapping[str, str], *, keep: bool = False) -> AsyncIterator[str]:
    """Run the real server by its command, with a data folder of its own, and yield its address.

    With `keep` it is left running. Its log is `name`.log in the demo's folder.
    """
    environment = os.environ | {"DRAGOMAN_DATA": str(FOLDER / name)} | dict(settings)
    with _log(f"{name}.log") as log:
        process = await asyncio.create_subprocess_exec(
            *DRAGOMAN, "serve", "--host", "127.0.0.1", "--port", str(_port()),
            stdout=asyncio.subprocess.PIPE, stderr=log, env=environment, start_new_session=keep,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        if not line.startswith("ready "):
            raise SystemExit(f"the server did not get ready; see {FOLDER / name}.log")
        yield line.split()[1]
    finally:
        if not keep:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            async with asyncio.timeout(20):
                await process.wait()


async def peer(
    stem: str, language: str, name: str, said: Sequence[tuple[Path, float]], more: Sequence[str], expect: str = "both"
) -> int:
    """Run a headless peer, and return its exit status. `said` are WAVs and the seconds at which each begins.

    Its recordings, subtitles and report are files of the demo's folder that begin with `stem`.
    """
    path = FOLDER / stem
    command = [*DRAGOMAN, "call", *more, "--language", language, "--name", name]
    for file, start in said:
        command += ["--wav", str(file), "--at", f"{start:.3f}"]
    command += ["--out", f"{path}-heard.wav", "--original-out", f"{path}-original.wav"]
    command += ["--subtitles", f"{path}.jsonl", "--report", f"{path}-report.json", "--expect", expect]
    with _log(f"{stem}.log") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        return await process.wait()


async def code_in(file: Path) -> str:
    """Return the code that a peer writes to this file once it has made a session."""
    async with asyncio.timeout(20):
        while not (code := _read(file)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return code


def _read(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _port() -> int:
    """Return a free port, the one that is easy to remember if nobody has it."""
    try:
        with socket.create_server(("127.0.0.1", LIKELY_PORT)):
            return LIKELY_PORT
    except OSError:
        return 0


def _log(name: str) -> BinaryIO:
    return (FOLDER / name).open("wb")
