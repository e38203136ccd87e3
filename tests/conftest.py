"""Fixtures for every test: a running server, and a recogniser for what was played."""

from __future__ import annotations

import fcntl
import gc
import logging
import re
import socket
import sys
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Transcribe
from tests.kit.contract import UNDOCUMENTED
from tests.kit.extent import LONG
from tests.kit.scheduling import SceneScheduling
from tests.kit.server_process import UNLIMITED, Server

REAL_TIME = "real_time"
# Hypothesis's time to make values is no measure here: tests that wait for nobody run in the time that others leave.
# In `make test` they are the same in each run, so that a change is blamed for what it did; the long form looks further.
hypothesis.settings.register_profile(
    "any machine", deadline=None, derandomize=not LONG, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

Recognise = Callable[["np.ndarray[tuple[int], np.dtype[np.float32]]", str], str]


_opened: list[str] = []
"""UDP sockets opened by the test that is running; noted by the interpreter's audit hook."""


def _note_udp(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.__new__" and arguments[1] in _IP and arguments[2] == socket.SOCK_DGRAM:
        _opened.append(f"{arguments[1]}")


_IP = (socket.AF_INET, socket.AF_INET6)
sys.addaudithook(_note_udp)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Keep the tests of a file together where that is asked for, and those of a folder that share a recorded call."""
    return SceneScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of which `-m` chooses no test: to import them takes seconds."""
    chosen = str(config.getoption("markexpr"))
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_") or " or " in chosen:
        return None
    text, terms = _text(collection_path), chosen.split(" and ")
    for name in (REAL_TIME, "side_by_side"):  # a test bears these by its own file
        if (name in terms and name not in text) or (f"not {name}" in terms and _all_are(name, text)):
            return True
    return None


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _all_are(name: str, text: str) -> bool:
    return re.search(rf"^pytestmark = .*\bmark\.{name}\b", text, re.MULTILINE) is not None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Import a test file in one process at a time, and the others take the bytecode that the first has written.

    In `make test` up to five processes collect at once, and to compile all files takes 25 s of a core.
    """
    if not isinstance(collector, pytest.Module) or sys.dont_write_bytecode:
        return (yield)
    with collector.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return (yield)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was collected: it all stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test in real time one more try, and no other test.

    A machine that stalls for half a second fails what runs in real time. The summary tells of each second try
    (`rerun`). A test that fails twice has failed.

    The longest files begin first: else one process works on them alone at the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("takes_long") is None)
    for item in items:
        if item.get_closest_marker(REAL_TIME):
            assert REAL_TIME in _text(item.path), f"{item.path}: a test in real time is marked so in its own file"
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def udp_is_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that opens a UDP socket unmarked.

    Media in real time is marked `real_time`: nothing may run beside it. A test that measures no time is marked `udp`.
    """
    _opened.clear()
    yield
    if not any(request.node.get_closest_marker(name) for name in ("real_time", "udp")):
        assert not _opened, "this test opens UDP sockets: mark it real_time, or udp if it measures no time"


_contained: list[str] = []
"""Errors that the product contained during the test that is running: an assertion of a double may be among them."""


class _NoteContained(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _contained.append(logging.Formatter().format(record))


for _seam in (
    "media.boundary",
    "pipeline.delivery.listener",
    "pipeline.delivery.translation",
    "pipeline.recognition.loop",
    "pipeline.timings",
):
    logging.getLogger(_seam).addHandler(_NoteContained())


@pytest.fixture(autouse=True)
def contained_errors_fail_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which the product contained an error, unless it is marked `throws`."""
    _contained.clear()
    yield
    if not request.node.get_closest_marker("throws"):
        assert not _contained, "\n".join(_contained)


@pytest.fixture(autouse=True)
def all_that_came_is_documented() -> Iterator[None]:
    """Fail a test whose clients received an answer or a message that the documents of the API do not have."""
    UNDOCUMENTED.clear()
    yield
    assert not UNDOCUMENTED, "\n".join(UNDOCUMENTED[:10])


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the bundled engines, shared by all tests that do it no harm."""
    with Server(tmp_path_factory.mktemp("server"), accounts=True, **UNLIMITED, DRAGOMAN_GRACE="10") as server:
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
