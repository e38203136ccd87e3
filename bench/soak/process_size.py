"""Memory, threads and open files of a process and of its engines, by /proc (proc(5))."""

from __future__ import annotations

import os
from pathlib import Path

ENGINE = "pipeline.lanes.worker"
ACCOUNTS = "accounts.sqlite"
"""The accounts' file. Each connection of the server's pool has it open, and is a thread."""


def process_size(pid: int) -> dict[str, int]:
    """Return `rss` in KB, `threads`, `files` and `connections` to the accounts' file; nothing of one that has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        files = [_target(file) for file in os.scandir(f"/proc/{pid}/fd")]
        return {
            "rss": int(fields["VmRSS"].split()[0]),
            "threads": int(fields["Threads"]),
            "files": len(files),
            "connections": sum(Path(one).name == ACCOUNTS for one in files),
        }
    except (OSError, ValueError, KeyError):
        return {}


def engines(pid: int) -> list[int]:
    """Return the processes of a server's engines, by number."""
    found = []
    for task in _listed(Path(f"/proc/{pid}/task")):
        try:
            children = (task / "children").read_text().split()
            found += [int(one) for one in children if ENGINE in Path(f"/proc/{one}/cmdline").read_text()]
        except OSError:
            continue
    return sorted(found)


def _target(file: os.DirEntry[str]) -> str:
    try:
        return os.readlink(file.path)
    except OSError:  # closed meanwhile
        return ""


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
