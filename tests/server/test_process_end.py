"""A server's process ends at once when its work is done, and what it said is written."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from server.cli import main as entry

LAST_WORDS = """
import atexit, logging, sys
atexit.register(print, "taken apart")
logging.basicConfig(stream=sys.stderr)
from server.process_end import end_now
print("last words", end="")
logging.getLogger().error("the last record")
end_now(3)
"""


BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def test_what_was_said_is_written_and_nothing_is_taken_apart() -> None:
    command = [sys.executable, "-c", LAST_WORDS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=BUFFERED)
    assert (done.returncode, done.stdout) == (3, "last words")
    assert done.stderr.endswith("the last record\n")


def test_nobody_has_to_read_it() -> None:
    command = [sys.executable, "-c", LAST_WORDS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=BUFFERED) as one:
        assert one.stdout is not None
        one.stdout.close()
        assert one.wait(60) == 3


@pytest.mark.parametrize(("given", "ends"), [(["serve"], [7]), (["call"], []), (["models", "list"], [])])
def test_only_the_servers_process_ends_so(given: list[str], ends: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(entry, "_run", lambda _: 7)
    monkeypatch.setattr(entry, "end_now", ended.append)
    monkeypatch.setattr(sys, "argv", ["dragoman", *given])
    assert entry.main() == 7
    assert ended == ends
    assert entry.main(given) == 7
    assert ended == ends, "a process that is somebody else's goes on"
