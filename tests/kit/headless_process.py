"""`dragoman call`, of today or of an older tree, as a process of the test's own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0
TODAY = ("-m", "server.cli.main", "call")


@contextmanager
def headless(
    folder: Path, url: str, language: str, *more: str, program: Sequence[str] = TODAY, tree: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run it in a folder of its own, which gets its report and its log; `code` among `more` is a file there.

    `program` are Python's arguments, and `tree` the folder whose code they name: today's if it is None.
    """
    folder.mkdir()
    files = [str(folder / one) if one == "code" else one for one in more]
    always = ["--server", url, "--language", language, "--stay", "inf", "--report", str(folder / "report")]
    with (folder / "log").open("wb") as log:
        command = [sys.executable, *program, *always, *files]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, cwd=tree)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], object]) -> None:
    """Look until it is true. Raises AssertionError after a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
