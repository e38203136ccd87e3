"""Facts of a process from /proc: its threads, children, sockets and memory."""

from __future__ import annotations

import os
import re
from pathlib import Path


def children(pid: int | str = "self") -> set[int]:
    """The processes that it has started and that live, or that it has not waited for."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found.update(map(int, (task / "children").read_text().split()))
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that has ended since
    return found


def command(pid: int) -> str:
    """Its command line, with spaces between the arguments; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def open_files(pid: int | str = "self") -> list[str]:
    """Return the target of each file descriptor, such as `socket:[4711]`."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(os.readlink(descriptor))
        except FileNotFoundError:
            continue  # the one by which we read the folder
    return found


def sockets(pid: int | str = "self") -> set[str]:
    return {name for name in open_files(pid) if name.startswith("socket:")}


def figures(pid: int | str = "self") -> dict[str, int]:
    """`threads`, and resident memory in `kb`."""
    status = Path(f"/proc/{pid}/status").read_text()
    threads, memory = re.search(r"^Threads:\s+(\d+)", status, re.M), re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
    assert threads is not None and memory is not None
    return {"threads": int(threads[1]), "kb": int(memory[1])}


def processor_s(pid: int | str = "self") -> float:
    """Return the processor time that it has taken, s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
