"""Errors without their texts: an engine's or a library's exception may quote the words that were said."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import TypeAlias

ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)  # as the logging module has it


def named(error: BaseException) -> str:
    """Return the kind of an error and the place where it was raised, such as `ValueError at model.py:78`."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{_kind(error)}{place}"


def trace(error: BaseException) -> str:
    """Return the trace of an error and of those behind it: source lines and kinds, no message."""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [] if behind is None else [trace(behind), "\nDuring this, or because of it:\n\n"]
    inner = [trace(one) for one in error.exceptions] if isinstance(error, BaseExceptionGroup) else []
    return "".join([*before, *traceback.format_tb(error.__traceback__), _kind(error), *(f"\n{one}" for one in inner)])


class WordlessFormatter(logging.Formatter):
    """Formatter of logs that leaves out what exceptions say."""

    def formatException(self, ei: ExcInfo) -> str:
        """Return the trace without messages."""
        return "" if ei[1] is None else trace(ei[1])


def _kind(error: BaseException) -> str:
    """Return the class of an error; of the system's errors their reason, too, which quotes nothing."""
    reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__}{reason}"
