"""Errors of the pipeline, and the reason why an utterance has no text."""

from __future__ import annotations

from dataclasses import dataclass

START_OVER = "start_over"
"""The reason why an utterance is refused that its speaker took back."""


class EngineError(Exception):
    """The failure of an engine on one job. It costs that utterance, never the call."""

    def __init__(self, *reason: object, job: str | None = None) -> None:
        super().__init__(*reason)
        self.job = job
        """The id of the job's envelope, as logs name it. None if the error did not come through a lane."""


class EngineLost(EngineError):
    """The failure of a job by which the engine hung, or its process died. Another engine may fare no better."""


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
