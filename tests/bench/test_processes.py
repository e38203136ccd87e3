"""The bench of two processes is judged: its verdicts follow figures, and it counts a whole family of processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from bench.processes.__main__ import judged, markdown
from bench.processes.load import family


def held(calls: int, cpu: float, **more: Any) -> dict[str, Any]:
    return {
        "calls": calls, "refused": True, "refused_otherwise": [], "cpu_of_a_call": cpu, "late_p99_ms": 2.0, **more
    }  # fmt: skip


@pytest.mark.parametrize(
    ("two", "passed"),
    [
        (held(17, 0.0345), True),
        (held(16, 0.03), False),
        (held(20, 0.036), False),
        (held(20, 0.03, refused=False), False),
        (held(20, 0.03, refused_otherwise=["NotConnected"]), False),
    ],
)
def test_the_verdict_follows_the_figures(two: dict[str, Any], passed: bool) -> None:
    report = judged({1: held(10, 0.03), 2: two})
    assert report["passed"] is passed
    machine = {"cpu": "x", "kernel": "6", "python": "3"}
    assert "calls held" in markdown({**report, "seconds": 1, "othersShare": 0.0, "machine": machine})


def test_a_run_without_calls_fails() -> None:
    assert not judged({1: held(0, 0.0), 2: held(0, 0.0)})["passed"]


def test_a_family_has_children_and_theirs() -> None:
    inner = "import time; print(flush=True); time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None and child.stdout.readline()
        try:
            assert child.pid in family(os.getpid()) and len(family(child.pid)) == 2
        finally:
            os.killpg(child.pid, 9)
