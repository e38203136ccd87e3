"""The cores of a server and of its load, and a server that runs."""

from __future__ import annotations

import os
from dataclasses import dataclass


class Failed(RuntimeError):
    """A server or the generator ended early; the message says what it wrote."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the server, and that of the generator."""

    server: int
    generator: int

    @classmethod
    def pick(cls) -> Cores:
        """Return the first two cores of this process. Raises Failed where there is only one."""
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise Failed("two cores are needed: one for the server, one for the load")
        return cls(cores[0], cores[1])


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    pid: int
