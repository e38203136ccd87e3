"""Commands in a pipe whose reader leaves: they end, and print no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.closed_output import STATUS

ROOT = Path(__file__).parents[2]


def into_closed_pipe(code_or_module: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with an output that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    try:
        return subprocess.run(
            [sys.executable, *code_or_module],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "DRAGOMAN_DATA": str(folder), "PYTHONPATH": path, **environment},
        )
    finally:
        os.close(writer)


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "server.cli.main", "--help"],
        ["-m", "server.cli.main", "models", "list"],
        ["-m", "server.cli.main", "models", "list", "--json"],
        ["-m", "server.cli.main", "doctor", "--models", "scripted"],
        ["-m", "server.cli.main", "call", "--help"],
        ["-m", "server.settings", "--help"],
        ["-m", "turn"],
    ],
    ids=lambda arguments: " ".join(arguments[1:]),
)
def test_a_command_ends_without_a_traceback(arguments: list[str], unbuffered: str, tmp_path: Path) -> None:
    done = into_closed_pipe(arguments, tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode in (STATUS, 0, 2)  # argparse itself passes over help that nobody reads


def test_another_broken_pipe_is_still_an_error(tmp_path: Path) -> None:
    code = (
        "import os, sys; from server.closed_output import ends_with_reader\n"
        "def command(): raise BrokenPipeError('a defect')\n"
        "sys.exit(ends_with_reader(command))"
    )
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 1
    assert "a defect" in done.stderr
