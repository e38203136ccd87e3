"""Options of delivery: how speech keeps up with the speaker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """Bounds of delivery. A backlog is speech that waits at a listener, in ms."""

    mt_timeout: float = 5.0
    """Bound of one translation, s."""
    tts_timeout: float = 5.0
    """Bound of the synthesis of one chunk, s."""
    queue: int = 4
    """Segments that wait for each of the two stages."""
    hurry_ms: float = 500
    """Backlog from which on speech is synthesized faster, up to `fastest` at `hasty_ms`."""
    hasty_ms: float = 2_000
    """Backlog from which on speech is synthesized at the tempo `fastest`."""
    fastest: float = 1.25
    """Largest factor on the voice's tempo."""
    skip_ms: float = 5_000
    """Delay from which on a segment is not spoken: from when it was said to when it would be heard."""
    patient_skip_ms: float = 15_000
    """The same delay for two exceptions. Typed text: its author has no voice that goes on. And a batch of segments of
    which one is being spoken, while the speaker says no more: nobody is behind if one batch takes long to translate."""

    def rate(self, backlog_ms: float) -> float:
        """Return the factor on the voice's tempo."""
        excess = (backlog_ms - self.hurry_ms) / max(1.0, self.hasty_ms - self.hurry_ms)
        return 1.0 + (self.fastest - 1.0) * min(1.0, max(0.0, excess))
