"""Runs a Python module as a process of its own, to its end: it says nothing but why it failed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence

_MOST = 300


async def complaint_of(
    arguments: Sequence[str], *, python: str = sys.executable, environment: Mapping[str, str] | None = None
) -> str | None:
    """Run `python` with the arguments; return None where it succeeds, and else all that it wrote on stderr.

    `environment` None: that of this process. Cancelled, it leaves no process. Raises OSError where it can't be started.
    """
    process = await asyncio.create_subprocess_exec(
        python,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return errors.decode("utf-8", "replace") if process.returncode else None


def last_line(complaint: str, silent: str) -> str:
    """Return the last line of a complaint, cut at 300 characters; `silent` for one without words."""
    return (complaint.strip().splitlines() or [silent])[-1][:_MOST]
