"""scripts/deploy with a small server in place of ours: the next release runs, or the one before it runs again."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.free_port import free_port

DEPLOY = Path(__file__).parents[2] / "scripts" / "deploy"
MAKEFILE = "setup:\n\tmkdir -p .venv/bin && ln -sf $(PYTHON) .venv/bin/python\n"
SERVER = """
import http.server, os, pathlib, sys

release = pathlib.Path(__file__).with_name("release").read_text()
if "broken" in release:
    sys.exit(1)

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if "loading" in release else 200)
        self.end_headers()
        self.wfile.write(release.encode())

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
SYSTEMCTL = """#!/bin/bash
[[ ! -f $STATE/pid ]] || alive=$(kill -0 "$(<"$STATE/pid")" 2>/dev/null && echo yes)
case $1 in
    restart)
        if [[ -n ${alive-} ]]; then
            kill "$(<"$STATE/pid")"
            while kill -0 "$(<"$STATE/pid")" 2>/dev/null; do sleep 0.05; done
        fi
        "$PYTHON" "$DEPLOY_HOME/server.py" >/dev/null 2>&1 &
        echo $! >"$STATE/pid" ;;
    is-failed) [[ -z ${alive-} ]] ;;
esac
"""


@dataclass
class Machine:
    """A machine with a first installation."""

    folder: Path
    port: int

    @property
    def home(self) -> Path:
        return self.folder / "opt"

    def commit(self, release: str, schema: str = "0001") -> str:
        """Commit a release to the repository, and return its id."""
        origin = self.folder / "origin"
        (origin / "storage" / "accounts").mkdir(parents=True, exist_ok=True)
        (origin / "storage" / "accounts" / "schema.py").write_text(f'def head():\n    return "{schema}"\n')
        (origin / "release").write_text(release)
        (origin / "server.py").write_text(SERVER)
        (origin / "Makefile").write_text(MAKEFILE)
        self.run("git", "-C", origin, "add", "-A")
        self.run("git", "-C", origin, "commit", "-qm", release)
        return self.run("git", "-C", origin, "rev-parse", "HEAD").stdout.strip()

    def run(self, *command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        named = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
        environment = os.environ | named | {
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "DEPLOY_HOME": str(self.home),
            "DEPLOY_SETTINGS": str(self.folder / "settings"),
            "DEPLOY_READY_SECONDS": "60",
            "PYTHON": sys.executable,
            "PORT": str(self.port),
            "STATE": str(self.folder),
        }  # fmt: skip
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=check)

    def deploy(self, what: str) -> subprocess.CompletedProcess[str]:
        return self.run(DEPLOY, what, check=False)

    @property
    def running(self) -> str:
        """The release that answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=60) as answer:
            return str(answer.read().decode())


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    one = Machine(tmp_path, free_port())
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    (tmp_path / "settings").write_text(f"DRAGOMAN_PORT={one.port}\n")
    one.run("git", "init", "-q", "-b", "main", tmp_path / "origin")
    one.commit("first")
    one.run("git", "clone", "-q", tmp_path / "origin", one.home)
    one.run("make", "-C", one.home)
    yield one
    if (tmp_path / "pid").exists():
        subprocess.run(["kill", (tmp_path / "pid").read_text().strip()], capture_output=True, check=False)


def test_a_release_runs_and_the_one_before_is_a_command_away(machine: Machine) -> None:
    second = machine.commit("second")
    done = machine.deploy("main")
    assert (done.returncode, machine.running) == (0, "second"), done.stderr
    assert machine.home.is_symlink() and machine.home.resolve().name == second
    assert machine.deploy(second).stdout == f"deploy: {second} is what runs already\n"
    assert list(machine.home.glob("__pycache__/server.*.pyc")), "its unit may not write bytecode"
    done = machine.deploy("--back")
    assert (done.returncode, machine.running) == (0, "first"), done.stderr
    assert machine.deploy("--back").returncode == 0 and machine.running == "second", "and forth"


def test_one_that_does_not_get_ready_is_taken_back(machine: Machine) -> None:
    machine.commit("second")
    assert machine.deploy("main").returncode == 0
    machine.commit("broken")
    done = machine.deploy("main")
    assert (done.returncode, machine.running) == (1, "second")
    assert "the release before it runs again" in done.stderr


def test_no_older_release_meets_a_newer_schema(machine: Machine) -> None:
    machine.commit("second", schema="0002")
    assert machine.deploy("main").returncode == 0
    done = machine.deploy("--back")
    assert (done.returncode, machine.running) == (1, "second")
    assert "dragoman db downgrade 0001" in done.stderr


def test_old_releases_go_and_what_is_unknown_changes_nothing(machine: Machine) -> None:
    for number in range(4):
        machine.commit(f"release {number}")
        assert machine.deploy("main").returncode == 0
    assert len([one for one in Path(f"{machine.home}-releases").iterdir() if not one.is_symlink()]) == 3
    done = machine.deploy("nowhere")
    assert (done.returncode, done.stderr) == (1, "deploy: there is no revision nowhere\n")
    assert machine.running == "release 3"
    assert machine.deploy("--help").returncode == 2
