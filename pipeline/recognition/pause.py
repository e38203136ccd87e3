"""What has been done about one pause of a speaker, while it lasts."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.engines import EngineError


@dataclass(slots=True)
class Pause:
    """A pause, in which nothing was said."""

    voiced_at: float | None
    """When voice was heard last, by the clock; a pause is told from others by it."""
    passed: bool = False
    """The window was recognised in it as if it were the end; `confirmed`: twice; `doubted`: also otherwise."""
    confirmed: bool = False
    doubted: bool = False
    error: EngineError | None = None
    """The pass in it failed."""

    @property
    def new(self) -> bool:
        return not self.passed and self.error is None
