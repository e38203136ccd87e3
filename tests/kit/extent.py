"""The extent of a test: `make test` runs the short form of what takes minutes, `make test-long` the long one."""

from __future__ import annotations

import os
from typing import TypeVar

LONG = bool(os.environ.get("LONG_TESTS"))
"""True under `make test-long`."""

T = TypeVar("T")


def extent(short: T, long: T) -> T:
    """Return the one of the two that this run wants: a number of rounds, of examples, of seconds."""
    return long if LONG else short
