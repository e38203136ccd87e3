"""End of a command whose output is closed early, as by `dragoman models list | head -1`: without a traceback."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable

STATUS = 141
"""Exit status of a command that SIGPIPE ends, as shells tell it: 128 + 13."""


def ends_with_reader(command: Callable[[], int]) -> int:
    """Run a command and flush its output; return its exit status, or `STATUS` where nobody reads its output any more.

    A pipe or connection that breaks elsewhere remains the error that it is.
    """
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except (BrokenPipeError, BaseExceptionGroup) as error:
        if not (_is_broken_pipe(error) and _nobody_reads(sys.stdout.fileno())):
            raise
        # Python flushes once more at its exit: what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STATUS


def _is_broken_pipe(error: BaseException) -> bool:
    """True if a broken pipe is all that is wrong; a group of tasks may have wrapped it."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_broken_pipe(one) for one in error.exceptions)
    return isinstance(error, BrokenPipeError)


def _nobody_reads(output: int) -> bool:
    poll = select.poll()
    poll.register(output, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
