"""The network between the encoder and the socket: loss, jitter and reordering from a seed. Pure.

Every packet is lost by its own chance, and delayed by its own uniform draw from 0 to `jitter_ms`; draws that
differ by more than 20 ms reorder. The first `calm` packets are neither, so that there is a "before".
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LossyWire:
    """`loss` is a share, `jitter_ms` the longest delay, `calm` a number of packets."""

    loss: float = 0.0
    jitter_ms: float = 0.0
    calm: int = 75

    def journey(self, packets: int, seed: int) -> list[float | None]:
        """Return the delay of each packet in seconds; None for a lost one."""
        chance = random.Random(seed)
        fates: list[float | None] = []
        for number in range(packets):
            lost, delay = chance.random() < self.loss, chance.random() * self.jitter_ms / 1000
            fates.append(0.0 if number < self.calm else None if lost else delay)
        return fates


def isolated(fates: Sequence[float | None]) -> list[int]:
    """Return the lost packets whose neighbours on both sides got through."""
    return [
        number
        for number in range(1, len(fates) - 1)
        if fates[number] is None and fates[number - 1] is not None and fates[number + 1] is not None
    ]
