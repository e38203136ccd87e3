"""Admission: decides whether there is room for one more session, by how late and how busy the event loop is.

Past its knee a media server sheds nothing by itself: every call gets later and later. So new sessions are
refused before that, and those that run stay on time (docs/protocol.md, 5).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

SLOT = 0.02
WINDOW_SLOTS = 250  # 5 s


@dataclass(frozen=True, slots=True)
class AdmissionOptions:
    """Limits beyond which the server counts as full. `bench.overload` measures what running calls hear there."""

    late_share: float = 0.2
    """Share of slots that come more than one slot late, 0..1. Programs that merely start beside the server reach 0.1.

    A stall counts as one slot, however long: a moment's stall of the machine is no reason to refuse anybody.
    """
    busy_share: float = 0.75
    """Share of one core that the media thread keeps busy, 0..1."""


class Admission:
    """Samples the event loop while `run` runs."""

    def __init__(self, knee: AdmissionOptions | None = None) -> None:
        self._knee = knee or AdmissionOptions()
        self._late: deque[bool] = deque(maxlen=WINDOW_SLOTS)
        self._busy: deque[tuple[float, float]] = deque(maxlen=WINDOW_SLOTS)

    async def run(self) -> None:
        """Sample every slot until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + SLOT, loop.time())
            await asyncio.sleep(due - loop.time())
            self.sample(loop.time() - due, loop.time(), time.thread_time())

    def sample(self, lateness: float, now: float, thread_time: float) -> None:
        """Take in one slot that came `lateness` seconds late, with the thread's processor time so far."""
        self._late.append(lateness > SLOT)
        self._busy.append((now, thread_time))

    @property
    def late_share(self) -> float:
        """Return the share of slots of the last 5 s that came late."""
        return sum(self._late) / len(self._late) if self._late else 0.0

    @property
    def busy_share(self) -> float:
        """Return the share of one core that the loop used in the last 5 s."""
        if len(self._busy) < 2:
            return 0.0
        (then, before), (now, after) = self._busy[0], self._busy[-1]
        return (after - before) / (now - then) if now > then else 0.0

    @property
    def has_room(self) -> bool:
        """False while a new session would make those that run late. Decided on whole windows only."""
        if len(self._late) < WINDOW_SLOTS // 2:
            return True
        return self.late_share <= self._knee.late_share and self.busy_share <= self._knee.busy_share
