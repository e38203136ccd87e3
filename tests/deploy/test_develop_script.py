"""`scripts/develop` restarts the server where a file has changed, also one that has ended by a mistake in a file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVER = """#!/bin/bash
# Says what it was told, in the place of `dragoman`, which takes seconds to start.
trap 'echo "told to go on elsewhere" >> said; exit 0' HUP
trap 'echo "told to end" >> said; exit 0' TERM
sleep 0.05  # a file that is changed from here on is newer than the start, also by a coarse clock
grep -q mistake media/room.py && mistaken=yes
echo "$@" >> said  # the test changes the file only now
[ -z "$mistaken" ] || exit 1
while :; do sleep 0.05; done
"""


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    for folder in ("scripts", "media", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/develop", tmp_path / "scripts")
    (tmp_path / "media/room.py").write_text("")
    dragoman = tmp_path / ".venv/bin/dragoman"
    dragoman.write_text(SERVER)
    dragoman.chmod(0o755)
    process = subprocess.Popen([tmp_path / "scripts/develop", "--port", "8081"], start_new_session=True)
    try:
        yield tmp_path
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert said(tmp_path)[-1] == "told to end"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def said(tree: Path) -> list[str]:
    file = tree / "said"
    return file.read_text().splitlines() if file.exists() else []


def until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_change_restarts_the_server_with_its_arguments_and_leaves_calls_to_the_next_one(tree: Path) -> None:
    started = "serve --port 8081"
    until(lambda: said(tree) == [started])
    (tree / "media/notes.md").write_text("not ours to restart for")
    (tree / "media/room.py").write_text("changed = True")
    until(lambda: said(tree) == [started, "told to go on elsewhere", started])
    (tree / "media/room.py").write_text("mistake")
    until(lambda: said(tree)[3:] == ["told to go on elsewhere", started])
    (tree / "media/room.py").write_text("mended = True")
    until(lambda: said(tree)[5:] == [started])
