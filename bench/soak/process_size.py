"""Memory, threads and open files of a process and of its engines, by /proc (proc(5))."""

from __future__ import annotations

import os
from pathlib import Path

ENGINE = "pipeline.lanes.worker"


def process_size(pid: int) -> dict[str, int]:
    """Return `rss` in KB, `threads` and `files`; nothing of a process that has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        files = len(os.listdir(f"/proc/{pid}/fd"))
        return {"rss": int(fields["VmRSS"].split()[0]), "threads": int(fields["Threads"]), "files": files}
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


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
