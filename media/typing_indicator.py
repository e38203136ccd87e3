"""Decides when a participant's partners are told that the participant types, and that it is over. Pure."""

from __future__ import annotations

import math

from media.rtp.budget import TokenBucket

LASTS_S = 6.0
"""Seconds for which a word of the client's that it types holds."""
REPEAT_S = 3.0
"""Seconds after which the partners are told again of typing that goes on."""
MESSAGES_PER_S, MESSAGES_BURST = 0.5, 4.0
"""Messages to each partner, whatever the client sends."""


class TypingIndicator:
    """The typing of one participant. `now` is loop time in seconds."""

    __slots__ = ("_announced", "_budget", "_repeat_at", "_until")

    def __init__(self) -> None:
        self._until = -math.inf
        self._announced = False
        self._repeat_at = -math.inf
        self._budget = TokenBucket(MESSAGES_PER_S, MESSAGES_BURST)

    def __repr__(self) -> str:
        return f"<TypingIndicator announced={self._announced} until={self._until:.1f}>"

    @property
    def is_over(self) -> bool:
        """True once the partners know that the participant does not type, and nothing is to be told."""
        return not self._announced and self._until == -math.inf

    def note(self, on: bool, now: float) -> None:
        """Note that the client types, or does so no longer. Without another note, typing ends after `LASTS_S`."""
        self._until = now + LASTS_S if on else -math.inf

    def due(self, now: float) -> bool | None:
        """Return what the partners are to be told now: True while typing goes on, False once it is over.

        Returns None where there is nothing to tell. A change that comes too early after others is told later.
        """
        on = now < self._until
        if not on:
            self._until = -math.inf
            if not self._announced:
                return None
        if (on and self._announced and now < self._repeat_at) or not self._budget.consume(1, now):
            return None
        self._announced = on
        self._repeat_at = now + REPEAT_S
        return on
