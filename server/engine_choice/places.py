"""Decides where the engine of a stage runs: here, on workers, or on both, as the setting of the stage says."""

from __future__ import annotations

from dataclasses import dataclass

WORKERS = "redis"
"""The name that stands for workers in the settings of stages."""
OURS = "local"
"""The name that stands for the engine of `DRAGOMAN_MODELS`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Place of a stage's engine."""

    engine: str | None
    """The engine here as the setting writes it, or None: that of `DRAGOMAN_MODELS`."""
    here: bool = True
    """True if there is an engine here."""
    workers: bool = False
    """True if workers do jobs of the stage."""
    workers_first: bool = False
    """True if they do them before the engine here is asked."""


def place(text: str | None) -> Place:
    """Read `ENGINE`, `redis`, `redis+ENGINE` (workers first) or `ENGINE+redis` (workers for what is beyond)."""
    if text == WORKERS:
        return Place(None, here=False, workers=True, workers_first=True)
    if text is not None and text.startswith(f"{WORKERS}+"):
        return Place(_engine(text[len(WORKERS) + 1 :]), workers=True, workers_first=True)
    if text is not None and text.endswith(f"+{WORKERS}"):
        return Place(_engine(text[: -len(WORKERS) - 1]), workers=True)
    return Place(_engine(text))


def _engine(text: str | None) -> str | None:
    return None if text in (OURS, "") else text
