"""Lateness of an outgoing stream by its RTP timestamps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.rtp.packets import CLOCK_RATE


@dataclass(slots=True)
class Pace:
    """One outgoing stream of the server: its quickest transit so far."""

    quickest_ms: float = float("inf")
    origin: int | None = None

    def late_ms(self, arrivals: NDArray[np.int64], stamps: NDArray[np.int64]) -> NDArray[np.float64]:
        if self.origin is None:
            self.origin = int(stamps[0])
        since = ((stamps - self.origin + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        transits = arrivals / 1e6 - since * 1000 / CLOCK_RATE
        self.quickest_ms = min(self.quickest_ms, float(np.percentile(transits, 2)))
        late: NDArray[np.float64] = transits - self.quickest_ms
        return late
