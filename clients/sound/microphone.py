"""The microphone: WAV clips at their times on the call's clock, in frames of 20 ms at a real microphone's pace.

A frame that covers [t, t + 20 ms) leaves at t + 20 ms, when a microphone would have captured it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from clients.sound.opus import FRAME, RATE, Encoder, Samples, level

HANGOVER = 8
"""Frames of encoded silence after a clip before nothing is sent (160 ms)."""
STALL_S = 0.2
"""Frames that are later than this are lost, as in a sound card, and not sent in a burst."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip to speak: 48 kHz mono."""

    name: str
    samples: Samples

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE


@dataclass(frozen=True, slots=True)
class Frame:
    """One encoded frame. The RTP timestamp counts from 0; the level goes from 0 to 127, silent (RFC 6464)."""

    payload: bytes
    timestamp: int
    level: int
    marker: bool  # True if it opens a talkspurt


class Script:
    """The clips and their times, in samples after the pairing."""

    def __init__(self, clips: list[Clip]) -> None:
        self.clips = clips
        self.starts: list[int] = []  # empty until known

    def place(self, starts: list[float]) -> None:
        """Set the starts of the clips, s after the pairing."""
        self.starts = [round(start * RATE) for start in starts]

    def place_in_turn(self, start: float, gap: float) -> None:
        """Let the first clip start at `start`, and each other one `gap` s after the end of the previous."""
        starts = []
        for clip in self.clips:
            starts.append(start)
            start += clip.duration + gap
        self.place(starts)

    @property
    def end(self) -> float | None:
        """End of the last clip, s after the pairing. None while unknown."""
        if len(self.starts) < len(self.clips):
            return None
        return max((end for _, end in self.spans()), default=0.0)

    def spans(self) -> list[tuple[float, float]]:
        """Return (start, end) of each placed clip, s after the pairing."""
        return [
            (start / RATE, (start + len(clip.samples)) / RATE)
            for start, clip in zip(self.starts, self.clips, strict=False)
        ]

    def read(self, start: int) -> Samples | None:
        """Return the frame at sample `start`, None when it holds no clip. Overlapping clips are mixed."""
        mixed: np.ndarray[tuple[int], np.dtype[np.int32]] | None = None
        for begin, clip in zip(self.starts, self.clips, strict=False):
            low, high = max(start, begin), min(start + FRAME, begin + len(clip.samples))
            if low < high:
                mixed = np.zeros(FRAME, np.int32) if mixed is None else mixed
                mixed[low - start : high - start] += clip.samples[low - begin : high - begin]
        return None if mixed is None else np.clip(mixed, -32768, 32767).astype(np.int16)


class Microphone:
    """One device for the whole call; each connection opens its own `Capture` of it.

    `clock`: loop time, s. `sleep` waits on that clock. `dtx`: true if silence is not sent.
    """

    def __init__(
        self,
        script: Script,
        clock: Callable[[], float],
        *,
        dtx: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.script = script
        self.clock = clock
        self.sleep = sleep
        self.dtx = dtx
        self.zero: float | None = None  # clock time of the pairing; nothing is spoken before
        self.sent = 0
        self.skipped = 0
        self.latest = 0.0  # largest delay of a frame, s

    def open(self) -> Capture:
        return Capture(self)

    def summary(self) -> dict[str, Any]:
        return {"frames": self.sent, "skipped": self.skipped, "maxLateMs": round(self.latest * 1000, 1)}


class Capture:
    """The frames of a microphone from now on, each at its time."""

    def __init__(self, microphone: Microphone) -> None:
        self._microphone = microphone
        self._encoder = Encoder()
        self._start = microphone.clock()
        self._index = 0
        self._zero: float | None = None
        self._shift = 0  # samples from the pairing to frame 0
        self._hangover = 0
        self._silent = True  # True if nothing was sent for the previous frame

    async def next(self) -> Frame:
        """Return the next frame to send, at its time."""
        microphone = self._microphone
        while True:
            await self._wait()
            index = self._index
            self._index += 1
            samples = self._samples(index)
            if samples is not None:
                self._hangover = HANGOVER
            elif microphone.dtx:
                if not self._hangover:
                    self._silent = True
                    continue
                self._hangover -= 1
            if samples is None:
                samples = np.zeros(FRAME, np.int16)
            microphone.sent += 1
            marker, self._silent = self._silent, False
            return Frame(self._encoder.encode(samples), index * FRAME, -round(level(samples)), marker)

    async def _wait(self) -> None:
        """Wait for the end of the current frame. Frames that a stall made too late are skipped."""
        microphone = self._microphone
        due = self._start + (self._index + 1) * FRAME / RATE
        early = due - microphone.clock()
        if early > 0:
            await microphone.sleep(early)
        late = microphone.clock() - due
        microphone.latest = max(microphone.latest, late)
        if late > STALL_S:
            missed = int(late * RATE) // FRAME
            microphone.skipped += missed
            self._index += missed

    def _samples(self, index: int) -> Samples | None:
        microphone = self._microphone
        if microphone.zero is None:
            return None
        if self._zero != microphone.zero:
            self._zero = microphone.zero
            self._shift = round((self._start - self._zero) * RATE)
        return microphone.script.read(self._shift + index * FRAME)
