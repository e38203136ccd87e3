"""Shell scripts parse, and shellcheck has nothing to say about them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = (b"#!/bin/bash\n", b"#!/bin/sh\n")


def scripts() -> list[Path]:
    """Return the shell scripts of the project, known by their first line."""
    paths = [path for folder in ("scripts", ".ci", "deploy") for path in sorted((ROOT / folder).rglob("*"))]
    return [path for path in paths if path.is_file() and path.read_bytes().startswith(SHELL)]


def test_they_are_found() -> None:
    names = {str(path.relative_to(ROOT)) for path in scripts()}
    assert {"scripts/setup", "scripts/fresh-debian.sh", ".ci/run"} <= names


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
def test_it_parses(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
def test_shellcheck_is_content(script: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
