"""Chooses the event loop of a command: the fastest that is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


def run_job(job: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine to its end; return the exit status that it returns."""
    try:
        import uvloop
    except ImportError:  # not on this platform
        return asyncio.run(job)
    return uvloop.run(job)
