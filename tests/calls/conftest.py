"""A server with scripted engines for tones, and the promise that every test here leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.kit.process_facts import children, sockets
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES

SETTLING = 60.0  # s that sockets and tasks get to be closed: a busy machine may need all of it


@pytest.fixture(autouse=True)
async def nothing_left(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """No task, thread, socket, child process or logged warning of this process outlives its test."""
    before = _held()
    yield
    deadline = asyncio.get_running_loop().time() + SETTLING
    while (left := _held() - before) and asyncio.get_running_loop().time() < deadline:
        gc.collect()
        await asyncio.sleep(0.05)
    assert not left
    logged = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not logged


def _held() -> set[object]:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    return {*tasks, *threading.enumerate(), *sockets(), *children()}


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Shared by the tests that do it no lasting harm. The interpreter says a speaker's tone 2000 Hz higher, for
    a second. Each stage raises on one tone and hangs on another (`test_engine_…`), which no other test uses."""
    options = {
        "DRAGOMAN_STT": 'scripted:{"raise_on": "tone 310", "hang_on": "tone 320"}',
        "DRAGOMAN_MT": 'scripted:{"raise_on": "tone 330", "hang_on": "tone 340"}',
        "DRAGOMAN_TTS": 'scripted:{"shift_hz": 2000, "raise_on": "tone 350", "hang_on": "tone 360"}',
    }
    timeouts = {f"DRAGOMAN_{stage}_TIMEOUT": "1.5" for stage in ("STT", "MT", "TTS")}
    folder: Path = tmp_path_factory.mktemp("scripted")
    with Server(folder, **FOR_TONES, **options, **timeouts, DRAGOMAN_GRACE="5") as server:
        yield server


@pytest.fixture(scope="session")
def understands(recognise: Callable[..., str]) -> Callable[..., str]:
    """`recognise`, whose engine has started all the threads that it will ever have."""
    recognise(np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32), "en")
    return recognise
