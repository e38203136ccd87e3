"""What every test may ask for: a running server, and an ear that understands what was heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from serving import UNLIMITED, Server

from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Transcribe

REAL_TIME = ("bench", "calls", "clients", "independent", "media", "network", "peers", "web")
"""Folders whose tests talk over real sockets in real time."""

Recognise = Callable[["np.ndarray[tuple[int], np.dtype[np.float32]]", str], str]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine that stalls for half a second fails what runs in real time: such a test has one more try, and
    the summary says so (`rerun`). A test that fails twice has failed."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in REAL_TIME:
            item.add_marker(pytest.mark.real_time)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the bundled engines, shared by all tests that do it no harm."""
    with Server(tmp_path_factory.mktemp("server"), **UNLIMITED, DRAGOMAN_GRACE="10") as server:
        yield server.url


@pytest.fixture
def fresh_server_url(tmp_path: Path) -> Iterator[str]:
    """A server of this test's own, with the default limits, and engines that say nothing."""
    with Server(tmp_path / "server", DRAGOMAN_MODELS="scripted") as server:
        yield server.url


@pytest.fixture(scope="session")
def recognise() -> Recognise:
    """`recognise(audio, language)`: the words in mono float32 audio at 16 kHz, by the bundled recogniser,
    in this process: the server has no part in it."""
    transcriber = make(EngineSpec("stt", "starter"))

    def words(audio: np.ndarray[tuple[int], np.dtype[np.float32]], language: str) -> str:
        pcm = (np.clip(audio, -1, 1) * 32767).astype(np.int16).tobytes()
        return transcriber.transcribe([Transcribe(pcm, language)])[0].text  # type: ignore[union-attr]

    return words
