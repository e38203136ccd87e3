"""Decides from how much two microphones' sound is alike whether one is a copy, and which of them is the original. Pure.

Levels differ between microphones, whose gain is controlled. They never decide that a sound is a copy: they only tell,
with noise and delay, which of two equal sounds is the original. The weights change their sign where the microphones
are exchanged. So never are both taken for the copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEAST_ALIKE = 0.66
SHORT = 4.0
"""Correlation of a copy: the least, and what is added for short voice, divided by its rows."""
LEAST_FIT = 0.78
"""Share of levels that the partner's voice explains in a copy."""
MOST_OWN_MS = 300
"""Voice in a row that the partner's does not explain, and that may still be an accident."""
NEAR_MISS = 0.2
"""Distance from the bounds of a copy within which other evidence decides."""
SAME_TIME_MS = 80.0
MS_PER_DB = 6.0
"""Delay that tells nothing of which came first, and the delay beyond it that weighs as much as 1 dB."""
LEAST_NEARER_DB = 2.0
"""Distance by which an original must be nearer to its microphone than its copy."""


class Sound(StrEnum):
    """Verdict on the sound of an utterance."""

    OWN = "own"
    """Nobody else's voice explains it, or it is itself the original."""
    LIKE = "like"
    """Resembles the partner's voice, which would be the original."""
    SAME = "same"
    """The sound of the partner's microphone, too, and nothing tells which of the two is the original."""
    PARTNERS = "partners"
    """The partner's voice."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Evidence of two microphones' sound."""

    rows: int = 0
    """Rows of voice that were compared, 20 ms each."""
    alike: float = 0.0
    """Correlation of the patterns, -1..1."""
    fit: float = 0.0
    """Share of levels that the partner's voice explains, 0..1."""
    own_ms: int = 0
    """Longest voice in a row that it does not explain."""
    lag_ms: int = 0
    """Delay of this sound after the partner's."""
    nearer_db: float = 0.0
    """Weight of the evidence that the partner's sound is the original; negative if this one is."""

    @property
    def sound(self) -> Sound:
        """Return the verdict: whose microphone heard the original."""
        needed = LEAST_ALIKE + SHORT / (self.rows + 10)
        same = self.alike >= needed and self.fit >= LEAST_FIT and self.own_ms <= MOST_OWN_MS
        if same and self.nearer_db >= LEAST_NEARER_DB:
            return Sound.PARTNERS
        if same and self.nearer_db > -LEAST_NEARER_DB:
            return Sound.SAME
        near = self.alike >= needed - NEAR_MISS and self.fit >= LEAST_FIT - NEAR_MISS
        return Sound.LIKE if near and self.nearer_db >= LEAST_NEARER_DB else Sound.OWN


def nearer_db(louder_db: float, clearer_db: float, lag_ms: int) -> float:
    """Weigh how much louder the other sound is, how much clearer of noise, and how much earlier."""
    late_ms = max(0.0, abs(lag_ms) - SAME_TIME_MS) * (1 if lag_ms > 0 else -1)
    weights = (louder_db, 15.0), (clearer_db / 2, 10.0), (late_ms / MS_PER_DB, 20.0)
    return sum(max(-most, min(most, weight)) for weight, most in weights)
