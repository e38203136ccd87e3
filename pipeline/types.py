"""Types that many files of the pipeline spell out: clocks, callbacks, language pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pipeline.events import Event

Clock: TypeAlias = Callable[[], float]
"""Function that returns the present moment, in seconds of one monotonic clock, mostly the event loop's."""

Emit: TypeAlias = Callable[[Event], None]
"""Function that hands one event to its observers. Never waits, never raises."""

Notify: TypeAlias = Callable[[], None]
"""Callback without arguments. Never waits, never raises."""

LanguagePairs: TypeAlias = frozenset[tuple[str, str]]
"""(source, target) primary subtags."""
