"""Commands of `dragoman` in the test's own process: each takes its settings, its standard input, and its arguments."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.cli.main import main

SECRET = "a signing key of the tests: thirty-two bytes and more"


@dataclass
class Ran:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


class Dragoman:
    """Runs commands in this process, as `dragoman` does in its own."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capture = capture

    def __call__(self, folder: Path, *arguments: str, says: str = "", **settings: str) -> Ran:
        """Run a command to its end. `says` is its standard input."""
        for name, value in {"DRAGOMAN_DATA": str(folder), "DRAGOMAN_SECRET": SECRET, **settings}.items():
            self._patch.setenv(name, value)
        self._patch.setattr(sys, "stdin", io.StringIO(says))
        self._capture.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as end:  # argparse's
            status = int(str(end.code))
        for name in settings:
            self._patch.delenv(name)
        return Ran(status, *self._capture.readouterr())
