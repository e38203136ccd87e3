"""Pacer: one tick every 20 ms, at which the interpreter's voice is sent; resynchronises after a stall."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from pipeline.speech import FRAME_MS

SLOT = FRAME_MS / 1000
RESYNC_SLOTS = 5
"""Slots of lateness beyond which they are given up instead of being sent in a burst."""

Tick = Callable[[float, int], None]
"""Called once for each slot with its due time (loop seconds) and the slots given up just before it."""


class Pacer:
    """Calls a tick every 20 ms against an absolute start."""

    def __init__(self) -> None:
        self.lateness: deque[float] = deque(maxlen=3000)
        """Seconds that each of the last slots came late (a minute's worth)."""
        self.resyncs = 0

    async def run(self, tick: Tick) -> None:
        """Call `tick` for each slot until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            delay = due - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            else:
                await asyncio.sleep(0)  # catching up must not starve the loop
            late = max(0.0, loop.time() - due)
            self.lateness.append(late)
            given_up = 0
            if late > RESYNC_SLOTS * SLOT:
                given_up = int(late / SLOT)
                due += given_up * SLOT
                self.resyncs += 1
            tick(due, given_up)
            due += SLOT
