"""A voice gives back what a long line took, and a program that grows is renewed between two lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.engines.voices.external_program import ExternalProgram
from pipeline.engines.voices.piper import Piper
from pipeline.engines.voices.program_client import ProgramClient
from pipeline.engines.voices.program_memory import GROWTH, LIMIT_MB, MemoryLimit, resident_mb
from pipeline.speech import Synthesize
from tests.kit import random_piper_voice

PROGRAM = """
import json, sys
kept = [b"x" * (FIRST << 20)]
def tell(message, pcm=b""):
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\\n" + pcm)
    sys.stdout.buffer.flush()
tell({"protocol": 1, "program": "mock", "voices": [{"id": "ana", "language": "en", "name": "Ana", "licence": "-"}]})
for line in sys.stdin:
    asked = json.loads(line)
    if asked["text"].startswith("grow"):
        kept.append(b"x" * (int(asked["text"].split()[1]) << 20))
    tell({"id": asked["id"], "rate": 16000, "bytes": 6400}, b"\\0\\x10" * 3200)
    tell({"id": asked["id"], "done": True})
"""

Make = Callable[..., ProgramClient]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Make]:
    """`program(first)` makes one that holds as many MiB from its start on, and more for each `grow MiB`."""
    made: list[ProgramClient] = []

    def make(first: int = 0, **options: int) -> ProgramClient:
        path = tmp_path / "program.py"
        path.write_text(PROGRAM.replace("FIRST", str(first)), "utf-8")
        made.append(ProgramClient([sys.executable, "-I", str(path)], patience=20.0, **options))
        made[-1].voices()
        return made[-1]

    yield make
    for one in made:
        one.close()


def pids(client: ProgramClient, *texts: str) -> list[int | None]:
    """Return the process that is there after each text."""
    found = []
    for text in texts:
        assert client.say(text, "ana", 1.0)[0].pcm == b"\0\x10" * 3200
        found.append(client.pid)
    return found


def test_a_program_that_grows_is_renewed_and_the_next_text_is_said(program: Make) -> None:
    client = program(memory_mb=64)
    before, grown, after, last = pids(client, "one", "grow 100", "two", "three")
    assert grown != before and after == last == grown
    assert client.pid is not None and 0 < resident_mb(client.pid) < 64


def test_one_that_does_not_is_left_alone(program: Make) -> None:
    assert len(set(pids(program(memory_mb=256), "one", "grow 20", "grow 20", "grow 20"))) == 1


def test_one_that_is_large_from_the_start_is_no_growth(program: Make) -> None:
    client = program(first=120, memory_mb=64)
    before = pids(client, "one", "two", "grow 30")
    assert len(set(before)) == 1
    assert pids(client, "grow 120")[0] != before[0], "and this is"


@pytest.mark.parametrize(
    ("limit_mb", "held", "renewed"),
    [
        (100, [10, 20, 99], [False] * 3),
        (100, [10, 101], [False, True]),
        (100, [200, 210, 299], [False] * 3),
        (100, [200, 301], [False, True]),
        (100, [0, 0, 0], [False] * 3),
        (1, [0.5, 0.9, 1.1], [False, False, True]),
        (2048, [783, 2047], [False, False]),
        (2048, [1500, 2249, 2251], [False, False, True]),
    ],
)
def test_the_limit(limit_mb: int, held: list[float], renewed: list[bool]) -> None:
    limit = MemoryLimit(limit_mb)
    for _ in range(3):
        limit.begin()
        assert [limit.exceeded(mb) for mb in held] == renewed


@pytest.mark.parametrize("first", [10, 500, 1000, 1365, 1366, 2000, 4000])
@pytest.mark.parametrize("factor", [1.0, 1.49, 1.51])
def test_nothing_is_renewed_that_has_not_grown(first: float, factor: float) -> None:
    limit = MemoryLimit()
    limit.begin()
    assert not limit.exceeded(first)
    assert limit.exceeded(first * factor) is (first * factor > LIMIT_MB and factor > GROWTH)


def test_the_memory_of_a_process_that_is_gone_is_none() -> None:
    assert resident_mb(2**22 + 1) == 0.0


def test_every_program_that_speaks_takes_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.replace("FIRST", "0"), "utf-8")
    engine = ExternalProgram([sys.executable, "-I", str(path)], memory_mb=64, patience_s=20.0)
    try:
        pid = engine.pid
        assert engine.synthesize([Synthesize("grow 100", "en")])[0].pcm
        assert engine.synthesize([Synthesize("grow 100", "en")])[0].pcm
        assert engine.pid != pid
    finally:
        engine.close()


def test_piper_gives_back_what_a_long_line_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report: lines of 330 and 2100 characters took 23 and 700 MiB, still held after 50 and 100 short ones."""
    monkeypatch.setattr(random_piper_voice, "WIDTH", 192)
    random_piper_voice.make_voice(tmp_path, "en_US-ana-low", espeak="en-us")
    engine = Piper(str(tmp_path), timeout_s=60.0)
    try:

        def speak(text: str, count: int = 1) -> float:
            for _ in range(count):
                assert engine.synthesize([Synthesize(text, "en")])[0].pcm
            assert engine.pid is not None
            return resident_mb(engine.pid)

        pid = engine.pid
        before = speak("It is red.", 5)
        assert speak("It is red.", 20) < before + 8, "the control: short lines take nothing"
        speak("word " * 66)
        assert speak("It is red.", 50) < before + 12
        speak("word " * 420)
        after = speak("It is red.", 20)
        assert engine.pid == pid and after < before + 32
    finally:
        engine.close()
