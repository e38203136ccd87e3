"""Memory, threads and open files of a process."""

from __future__ import annotations

import os
from pathlib import Path


def process_size(pid: int) -> dict[str, int]:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        files = len(os.listdir(f"/proc/{pid}/fd"))
    except (OSError, ValueError):
        return {}
    return {"rss": int(fields["VmRSS"].split()[0]), "threads": int(fields["Threads"]), "files": files}
