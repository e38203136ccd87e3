"""Types that many files of the pipeline spell out: clocks, callbacks, language pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # an engine's process, which imports this file, has no use for events and all that they refer to
    from pipeline.events import Event

Clock: TypeAlias = Callable[[], float]
"""Function that returns the present moment, in seconds of one monotonic clock, mostly the event loop's."""

Emit: TypeAlias = "Callable[[Event], None]"
"""Function that hands one event to its observers. Never waits, never raises."""

Notify: TypeAlias = Callable[[], None]
"""Callback without arguments. Never waits, never raises."""

LanguagePairs: TypeAlias = frozenset[tuple[str, str]]
"""(source, target) primary subtags."""
