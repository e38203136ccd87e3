"""Clients of the last commit before `moved`, as they were, out of this repository's history."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMIT = "a7e6b9c"


def clients_before_moved(folder: Path) -> Path:
    """Return a folder with the page, `dragoman call` and the independent client of that commit.

    Skips the test where the checkout's history does not reach it, as in a shallow clone.
    """
    command = ["git", "-C", str(ROOT), "archive", COMMIT, "web", "clients", "tests/independent"]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode != 0:
        pytest.skip(f"the history of this checkout has no {COMMIT}: {archive.stderr.decode().strip()}")
    tree = folder / "before-moved"
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(tree, filter="data")
    return tree
