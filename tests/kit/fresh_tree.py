"""`make serve` in a fresh copy of the tree: no virtual environment, no models, no cache, no setting of anybody."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ("HOME", "USER", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "XDG_CONFIG_HOME")
KEPT_BEGINNINGS = ("LC_", "PIP_")
"""Beginnings of names of variables. `PIP_` and `HOME` may hold the way to packages."""
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
ENDS_S = 60.0


@dataclass(slots=True)
class Made:
    """A server that `make serve` started. `folder` holds its state and its cache."""

    tree: Path
    folder: Path
    url: str = ""
    said: list[str] = field(default_factory=list)
    """Its lines until it was ready."""
    seconds: float = 0.0
    """Time until it was ready."""

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")


@contextmanager
def make_serve(folder: Path, within_s: float, *variables: str, **settings: str) -> Iterator[Made]:
    """Run `make serve` with these variables of make until the scope is left.

    Raises AssertionError if it is not ready within `within_s`.
    """
    made = Made(copy_of_the_tree(folder / "tree"), folder)
    began = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "serve", *variables],
            cwd=made.tree,
            env=newcomer(folder) | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            start_new_session=True,
        )
    try:
        _until_ready(process, made, began + within_s)
        made.seconds = time.monotonic() - began
        yield made
    finally:
        _end(process)


def copy_of_the_tree(target: Path) -> Path:
    """Copy the files that git has, as they are now. Return `target`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def newcomer(folder: Path) -> dict[str, str]:
    """Return the environment of somebody who has a way to packages, and nothing of ours."""
    given = os.environ
    kept = {
        name: value
        for name, value in given.items()
        if name in KEPT or name.startswith(KEPT_BEGINNINGS) or name.lower() in PROXIES
    }
    ours = Path(sys.prefix) / "bin"
    path = os.pathsep.join(one for one in given.get("PATH", "").split(os.pathsep) if Path(one) != ours)
    own = {"XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state", "XDG_DATA_HOME": "data", "PIP_CACHE_DIR": "cache/pip"}
    return kept | {"PATH": path} | {name: str(folder / inner) for name, inner in own.items()}


def _until_ready(process: subprocess.Popen[bytes], made: Made, deadline: float) -> None:
    assert process.stdout is not None
    while not made.url:
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        line = process.stdout.readline().decode("utf-8", "replace") if readable else ""
        if not line:
            why = "ended" if readable else "took too long"
            raise AssertionError(f"make serve {why}:\n{''.join(made.said)}\n{made.log[-4000:]}")
        made.said.append(line)
        if line.startswith("ready "):
            made.url = line.split()[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End make and the server as Ctrl-C does in a terminal: both get the signal."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
