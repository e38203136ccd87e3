"""However a pull ends, there is a whole model or none: the real command, interrupted, killed, and run twice at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from models.catalogue import catalogue
from models.store import ModelStore
from tests.kit.hub_server import HubServer
from tests.kit.tiny_repository import TINY, TINY_COMMIT, TINY_FILES

ROOT = Path(__file__).parents[2]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start(server: HubServer, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `dragoman models pull whisper-tiny` against the hub; whatever is left of it is killed."""
    server.add(TINY, TINY_FILES, commit=TINY_COMMIT)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "HF_"))}
    environment |= {
        "DRAGOMAN_HUB": server.url, "DRAGOMAN_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT), "NO_PROXY": "*",
    }  # fmt: skip
    running: list[asyncio.subprocess.Process] = []

    async def begin(*more: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.cli.main", "models", "pull", "whisper-tiny", *more,
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def data(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "data" / "models")


MODEL = catalogue().models["whisper-tiny"]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_one_that_is_stopped_leaves_no_model_and_the_next_goes_on(
    server: HubServer, start: Start, data: ModelStore, end: signal.Signals
) -> None:
    server.hold["model.bin"] = asyncio.Event()
    server.arrived["model.bin"] = asyncio.Event()
    process = await start()
    await server.arrived["model.bin"].wait()
    part = data.staging(MODEL) / "fetched" / "model.bin.part"
    while not part.exists() or part.stat().st_size < 150_000:  # what was sent has to arrive
        await asyncio.sleep(0.01)
    process.send_signal(end)
    _, said = await process.communicate()
    assert process.returncode == (130 if end is signal.SIGINT else -end)
    assert b"Traceback" not in said
    assert not data.installed(MODEL)
    assert not data.path(MODEL).exists()
    server.hold.pop("model.bin").set()
    server.asked.clear()
    again = await start()
    told, said = await again.communicate()
    assert again.returncode == 0, said
    assert ("model.bin", "bytes=150000-") in server.asked
    assert b"1 fetched" in told
    assert data.amiss(MODEL) == []


async def test_two_at_once_fetch_it_once(server: HubServer, start: Start, data: ModelStore) -> None:
    server.hold["model.bin"] = asyncio.Event()
    server.arrived["model.bin"] = asyncio.Event()
    first = await start()
    await server.arrived["model.bin"].wait()
    second = await start()
    while b"waiting" not in (line := await second.stdout.readline()):  # it has seen that the other is at it
        assert line, "the second gave up"
    server.hold.pop("model.bin").set()
    told = [(await process.communicate())[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert b"1 fetched" in told[0]
    assert b"0 fetched, 1 were here" in told[1]
    assert server.sent["model.bin"] == len(TINY_FILES["model.bin"])
    assert data.amiss(MODEL) == []
