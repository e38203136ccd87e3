"""The machine that a bench runs on: its name, and how busy it and its processes are (proc(5))."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from pathlib import Path
from typing import Any, Self


def described() -> dict[str, Any]:
    """Return the processor's model, the number of cores, the kernel and the version of Python."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.partition(": ")[2].strip() for line in file if line.startswith("model name")), "unknown")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def cpu_seconds(pid: int) -> float:
    """Return the user and system time (s) of a process with all its threads, by /proc (proc(5))."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_seconds(core: int) -> float:
    """Return the seconds that a core has spent on anything at all, by /proc/stat."""
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            name, *fields = line.split()
            if name == f"cpu{core}":
                ticks = [int(field) for field in fields[:8]]
                return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    raise ValueError(f"no core {core}")


def busy_share(seconds: float = 1.0) -> float:
    """Return the share of time that the machine's cores are busy while this process waits for `seconds`."""
    before = busy_ticks()
    time.sleep(seconds)
    after = busy_ticks()
    return round((after[0] - before[0]) / max(1, after[1] - before[1]), 3)


class Watch:
    """A scope that measures `others`, the share of the machine's time that other programs took."""

    others = 0.0

    def __enter__(self) -> Self:
        self._before = *busy_ticks(), _of_descendants()
        return self

    def __exit__(self, *_: object) -> None:
        busy, every, ours = *busy_ticks(), _of_descendants()
        other = busy - self._before[0] - (ours - self._before[2])
        self.others = round(max(0, other) / max(1, every - self._before[1]), 3)


def busy_ticks() -> tuple[int, int]:
    """Return busy ticks, and all ticks, of all cores (proc(5))."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _of_descendants() -> int:
    """Return the ticks of this process and of its descendants, those that have ended included."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                parents[int(entry.name)], ticks[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))

    def ours(process: int) -> bool:
        while process > 1 and process != os.getpid():
            process = parents.get(process, 0)
        return process == os.getpid()

    return sum(spent for process, spent in ticks.items() if ours(process))
