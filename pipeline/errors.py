"""Errors of the pipeline, and the reason why an utterance has no text."""

from __future__ import annotations

from dataclasses import dataclass


class EngineError(Exception):
    """The failure of an engine on one job. It costs that utterance, never the call."""


class LaneBusy(EngineError):
    """The refusal of a job that is not urgent because the queue is full. Nothing was done."""


class ProcessGone(Exception):
    """The end of an engine's process before it answered."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why an utterance has no (more) text. Without a `reason`, nothing was said."""

    reason: str | None = None
    failed: bool = False
    """True if an engine failed, false if nothing was understood."""
