"""Limits of the systemd unit, and which of them hold for a server that a bench starts.

Without systemd the limits of open files and of dumps are set as it sets them, by prlimit(1). Those of memory and tasks
need a control group of one's own: they are watched instead, and a run that comes near them fails.
"""

from __future__ import annotations

import os
import re
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Self

UNIT = Path("deploy/systemd/dragoman.service")


@dataclass(frozen=True, slots=True)
class UnitLimits:
    """`memory_high_mb`: from which on the service is held up, MB; `tasks`: processes and threads."""

    files: int
    tasks: int
    memory_high_mb: float

    @classmethod
    def read(cls, unit: Path = UNIT) -> Self:
        """Read the limits of a unit. Raises KeyError where it has none."""
        found = dict(re.findall(r"^(\w+)=(\S+)$", unit.read_text("utf-8"), re.MULTILINE))
        machine_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
        share = float(found["MemoryHigh"].rstrip("%")) / 100
        return cls(int(found["LimitNOFILE"]), int(found["TasksMax"]), round(share * machine_mb))

    @property
    def prefix(self) -> list[str]:
        """Return what is put before the server's command. A limit of our own that is lower stays."""
        _, own = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = self.files if own == resource.RLIM_INFINITY else min(self.files, own)
        return ["prlimit", f"--nofile={files}", "--core=0", "--"]
