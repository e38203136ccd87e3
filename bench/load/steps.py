"""Steps of a growing load: what was measured at each number of calls, and which of them reach the bar. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from testing.percentiles import percentile

MOST_SLOWER = 1.5
"""Factor on one call's p95 of the first sound."""
MOST_PACER_S = 0.02


@dataclass(frozen=True, slots=True)
class Step:
    """Measurements with `calls` calls."""

    calls: int
    late: tuple[float | None, ...]
    """Time to the first translated sound of each turn, s; None for one that was never heard."""
    pacer_p99_s: float
    busy: float
    """Share of the machine's time that was spent on anything, 0..1."""
    load_busy: float
    """Share of it that the load's own process spent."""
    memory_mb: float
    """Memory of the server and its engines."""

    @property
    def lost(self) -> int:
        """Turns that were never heard."""
        return self.late.count(None)

    def quantile(self, share: float) -> float | None:
        """Return a percentile of the time to the first sound, where a lost turn is infinitely late."""
        return percentile([float("inf") if one is None else one for one in self.late], share)

    def reaches(self, alone: Step) -> bool:
        """Return True if the step is as good as the bar, which one call `alone` sets."""
        mine, theirs = self.quantile(0.95), alone.quantile(0.95)
        heard = mine is not None and theirs is not None and mine <= MOST_SLOWER * theirs
        return heard and self.lost == 0 and self.pacer_p99_s < MOST_PACER_S

    def as_json(self, alone: Step) -> dict[str, Any]:
        """Return the figures for a report."""
        return {
            "calls": self.calls,
            "turns": len(self.late),
            "lost": self.lost,
            "first_sound_p50_ms": _ms(self.quantile(0.5)),
            "first_sound_p95_ms": _ms(self.quantile(0.95)),
            "pacer_p99_ms": _ms(self.pacer_p99_s),
            "busy": round(self.busy, 3),
            "load_busy": round(self.load_busy, 3),
            "memory_mb": round(self.memory_mb),
            "reached": self.reaches(alone),
        }


PROMISED_SHARE = 0.5
"""Part of the calls that a single one's processor time promises: from there on the load grows step by step."""


def next_calls(step: Step) -> int:
    """Return the next number of calls: half of what one call promises, then one more, a quarter more from eight on."""
    promised = int(PROMISED_SHARE / max(step.busy, 0.01)) if step.calls == 1 else 0
    return max(promised, step.calls + max(1, step.calls // 4))


def capacity(steps: Sequence[Step]) -> int:
    """Return the most calls that reach the bar, before the first step that does not. The first step is one call."""
    most = 0
    for step in steps:
        if not step.reaches(steps[0]):
            break
        most = step.calls
    return most


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None or seconds == float("inf") else round(seconds * 1000, 1)
