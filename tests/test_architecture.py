"""The rules of CONTRIBUTING.md, held against every tracked file, each shown to fail where it is broken."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.kit.architecture import (
    Source,
    assigners,
    awaits_of,
    backward_imports,
    bad_file_names,
    broken_first_lines,
    circles,
    clauses_as_subjects,
    default_executor,
    environment_readers,
    fields_of,
    forbidden_words,
    free_tasks,
    long_files,
    riddles,
    signaling_of_media,
    unsized_queues,
)

ROOT = Path(__file__).parents[1]
PRODUCT = (
    "wire",
    "pipeline",
    "media",
    "accounts",
    "signaling",
    "storage",
    "turn",
    "models",
    "remote",
    "nodes",
    "server",
    "clients",
    "voice_programs",
    "starter",
)

FREE_TASKS = {
    "clients/webrtc/peer.py: asyncio.ensure_future": "aiortc's close hangs if it is cancelled: nobody cancels it",
    "media/webrtc/uncancelled.py: asyncio.ensure_future": "the same, for the server's connections (docs/adr/0002)",
}
DEFAULT_EXECUTOR: dict[str, str] = {}
UNSIZED_QUEUES = {
    "pipeline/lanes/process.py: asyncio.Queue": "an engine answers only what it was asked",
    "pipeline/lanes/worker.py: queue.SimpleQueue": "the lane sends one batch at a time",
    "voice_programs/text_protocol.py: queue.SimpleQueue": "the engine sends one line at a time",
}
ENVIRONMENT_READERS = {
    "pipeline/no_telemetry.py": "sets what keeps libraries from reporting to their makers, and reads nothing",
    "pipeline/lanes/child_environment.py": "hands an allow-list of it on to engines that no server has configured",
    "models/convert.py": "hands its environment on to the converter, a process of its own",
    "server/processes/parent.py": "hands its environment on to the processes, which get their settings otherwise",
    "starter/recipe/training.py": "sets what torch's processes find each other by",
    "turn/__main__.py": "a program of its own, without the server's settings",
}
FORBIDDEN_WORDS = (
    "settle",
    "settled",
    "settling",
    "breath",
    "breaths",
    "told",
    "seat",
    "seats",
    "switchboard",
    "lobby",
    "mouth",
    "mouths",
)


@cache
def tracked() -> tuple[str, ...]:
    """Return the paths of all tracked files that are there."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return tuple(path for path in listed if path and (ROOT / path).is_file())


@cache
def sources(*folders: str, ends: tuple[str, ...] = (".py",)) -> tuple[Source, ...]:
    """Return the tracked files of `folders`; of all where none is named."""
    return tuple(
        source(path) for path in tracked() if path.endswith(ends) and (not folders or path.split("/")[0] in folders)
    )


@cache
def source(path: str) -> Source:
    """Return a tracked file, which is parsed once for all rules."""
    return Source(path, (ROOT / path).read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def trees_are_given_back() -> Iterator[None]:
    """Syntax trees of all files are millions of objects: whatever runs here later would wait for their collector."""
    yield
    sources.cache_clear()
    source.cache_clear()


def of(path: str, text: str) -> tuple[Source, ...]:
    return (Source(path, text),)


def unexplained(found: list[str], explained: dict[str, str]) -> list[str]:
    """Return what is not in the list of exceptions, and the exceptions that nothing needs any more."""
    return sorted(set(found) ^ set(explained))


def test_packages_import_one_way() -> None:
    assert not backward_imports(sources())
    assert backward_imports(of("pipeline/x.py", "import starter"))
    assert backward_imports(of("media/x.py", "def f():\n    from signaling.refusal import Code"))
    assert backward_imports(of("server/x.py", "import bench.latency"))


def test_signaling_knows_only_the_events_of_media() -> None:
    assert not signaling_of_media(sources("signaling"))
    assert signaling_of_media(of("signaling/x.py", "from media.room import Room"))


@pytest.mark.parametrize("package", [*PRODUCT, "bench", "testing"])
def test_no_circle_of_imports(package: str) -> None:
    assert not circles(sources(package))


def test_a_circle_is_found() -> None:
    files = [Source("a/b/c.py", "import a.d.e"), Source("a/d/e.py", "from a.b import f"), Source("a/b/f.py", "")]
    assert circles(files) == ["a.b -> a.d -> a.b"]
    assert not circles(files[::2])


def test_files_have_at_most_300_lines() -> None:
    kept = [one for one in sources(ends=(".py", ".js", ".css")) if not one.path.startswith("tests/")]
    assert not long_files(kept)
    assert long_files(of("x.py", "\n" * 301))


def test_first_lines_are_whole_sentences() -> None:
    kept = [one for one in sources(ends=(".py", ".js", ".css")) if not one.path.startswith("tests/")]
    assert not broken_first_lines(kept)
    assert broken_first_lines(of("x.py", "import x\n")) and broken_first_lines(of("x.py", '"""Measures words, and\n'))
    assert broken_first_lines(of("x.js", "// The latency of one listener,\n")) and broken_first_lines(of("x.py", ""))


def test_file_names_say_something() -> None:
    assert not bad_file_names(tracked())
    assert bad_file_names(["media/utils.py", "web/helper-words.js"])


def test_docstrings_begin_with_a_verb_or_a_noun() -> None:
    assert not riddles(sources())
    assert riddles(of("x.py", '"""What is told of it."""')) and riddles(
        of("x.py", 'class A:\n    b: int\n    """So many."""')
    )


def test_no_sentence_has_a_clause_for_its_subject() -> None:
    assert not clauses_as_subjects(sources())
    assert clauses_as_subjects(of("x.py", '"""Measures words. What is late is\nskipped."""'))
    assert clauses_as_subjects(
        of("x.py", "# Words are measured:\n# who is late is skipped.\n# Whoever is early waits.\n")
    )
    assert not clauses_as_subjects(of("x.py", '"""Decides where it goes: which node has it? How late is it?"""'))


def test_one_word_has_one_meaning() -> None:
    assert not forbidden_words(sources(*PRODUCT), FORBIDDEN_WORDS)
    assert forbidden_words(of("x.py", "def settled_at(): ..."), FORBIDDEN_WORDS)
    assert forbidden_words(of("x.py", "class SeatMap: ..."), FORBIDDEN_WORDS)


def test_every_task_has_an_owner() -> None:
    assert not unexplained(free_tasks(sources(*PRODUCT)), FREE_TASKS)
    assert free_tasks(of("x.py", "asyncio.create_task(f())\n"))
    assert free_tasks(of("x.py", "asyncio.get_running_loop().create_task(f())\n"))


def test_nothing_runs_in_the_default_executor() -> None:
    assert not unexplained(default_executor(sources(*PRODUCT)), DEFAULT_EXECUTOR)
    assert default_executor(of("x.py", "loop.run_in_executor(None, f)"))
    assert default_executor(of("x.py", "asyncio.to_thread(f)"))


def test_every_queue_has_a_bound() -> None:
    assert not unexplained(unsized_queues(sources(*PRODUCT)), UNSIZED_QUEUES)
    assert unsized_queues(of("x.py", "q = asyncio.Queue()"))


def test_settings_read_the_environment() -> None:
    found = environment_readers(sources(*PRODUCT))
    assert not unexplained([path for path in found if not path.startswith("server/settings")], ENVIRONMENT_READERS)
    assert environment_readers(of("pipeline/x.py", "import os\nos.environ['A']"))


def test_one_coroutine_awaits_the_recogniser() -> None:
    assert len(awaits_of(sources("pipeline"), "do")) >= 1
    recognition = [one for one in sources("pipeline") if one.path.startswith("pipeline/recognition/")]
    assert len(awaits_of(recognition, "do")) == 1
    assert awaits_of(of("x.py", "async def f():\n    await lane.do(1)"), "do") == ["x.py: f"]


def test_an_utterance_is_small_and_has_few_writers() -> None:
    utterance = next(one for one in sources("pipeline") if one.path == "pipeline/recognition/utterance.py")
    fields = fields_of(utterance, "Utterance")
    assert 3 <= len(fields) <= 12
    assert len(assigners(sources("pipeline"), "utterance", fields)) <= 2
    assert assigners(of("x.py", "def f(utterance):\n    utterance.end_ms = 1"), "utterance", ["end_ms"]) == ["x.py"]
