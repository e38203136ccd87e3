"""Live sound in place of clips: blocks of 20 ms from a device, each sent once, in its time, and silence left out."""

from __future__ import annotations

from collections import deque

import numpy as np

from clients.sound.microphone import Script
from clients.sound.opus import FRAME, Samples, level

BYTES = 2 * FRAME
AHEAD = 2
"""Blocks that wait before the first is sent: devices hand out sound unevenly."""
MOST = 15
"""Blocks that wait at most (300 ms). Beyond it, a device whose clock is faster than ours would be ever later."""
SILENT_DB = -60.0
"""Level below which a block is silence. The server's voice detector has the same floor."""


class LiveSound(Script):
    """A `Script` without clips, for `Microphone(…, dtx=True)`. `open` is false while nothing may be heard."""

    def __init__(self) -> None:
        super().__init__([])
        self.open = True
        self.heard = 0  # blocks that were sent
        self.dropped = 0
        self._rest = b""
        self._blocks: deque[tuple[Samples, bool]] = deque()  # and whether it was open when they came
        self._waiting = True

    def __repr__(self) -> str:
        state = "open" if self.open else "closed"
        return f"<LiveSound {state}: {len(self._blocks)} blocks wait, {self.heard} heard, {self.dropped} dropped>"

    def write(self, pcm: bytes) -> None:
        """Take what a device has captured: s16le, 48 kHz, mono, of any length."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % BYTES
        self._rest = pcm[whole:]
        for start in range(0, whole, BYTES):
            self._blocks.append((np.frombuffer(pcm, "<i2", FRAME, start).astype(np.int16), self.open))
        while len(self._blocks) > MOST:
            self._blocks.popleft()
            self.dropped += 1

    def forget(self) -> None:
        """Drop what waits: another device follows."""
        self._rest = b""
        self._blocks.clear()
        self._waiting = True

    def read(self, start: int) -> Samples | None:
        """Return the next block; None for silence, and where nothing has come. `start` is not needed."""
        if self._waiting and len(self._blocks) < AHEAD:
            return None
        self._waiting = not self._blocks
        if self._waiting:
            return None
        block, opened = self._blocks.popleft()  # what came before the key went up is sent after it
        if not opened or level(block) < SILENT_DB:
            return None
        self.heard += 1
        return block
