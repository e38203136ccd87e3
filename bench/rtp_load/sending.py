"""Sending of encoded sound in real time, over many connections from one task."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
import numpy as np
from numpy.typing import NDArray

from bench.rtp_load import stimulus
from bench.rtp_load.generated_peer import Client

SLOT_NS = 20_000_000

LONGEST = 1500  # slots that a client may speak


@dataclass(slots=True)
class Stream:
    """One client's microphone: what it sends when, and the fate of every packet."""

    client: Client
    stimulus: stimulus.Stimulus
    fates: list[float | None]
    begins: int  # ns
    calm: int
    sent: NDArray[np.int64] = field(init=False)
    order: list[tuple[int, int]] = field(init=False)
    position: int = 0

    def __post_init__(self) -> None:
        self.sent = np.zeros(len(self.fates), np.int64)
        self.order = sorted(
            (self.begins + slot * SLOT_NS + round(delay * 1e9), slot)
            for slot, delay in enumerate(self.fates)
            if delay is not None
        )

    def stop(self) -> None:
        """Stop sending. Unsent slots count as never said."""
        said = min(len(self.fates), (time.time_ns() - self.begins) // SLOT_NS - 10)
        self.order = self.order[: self.position]
        self.fates, self.sent = self.fates[:said], self.sent[:said]

    @property
    def due(self) -> int | None:
        """Time at which the next packet is to be sent, ns of the wall clock."""
        return self.order[self.position][0] if self.position < len(self.order) else None

    def send(self) -> None:
        slot = self.order[self.position][1]
        self.position += 1
        place = slot % len(self.stimulus.packets)
        self.sent[slot] = self.client.send(slot, self.stimulus.packets[place], self.stimulus.levels[place])

    def encoded_at(self) -> NDArray[np.int64]:
        """Return the time (ns) at which each slot left the encoder.

        Time spent on the wire is not the generator's lateness.
        """
        delays = np.array([0.0 if delay is None else delay for delay in self.fates]) * 1e9
        due = self.begins + np.arange(len(self.fates), dtype=np.int64) * SLOT_NS
        return np.where(self.sent > 0, self.sent - delays.astype(np.int64), due)


class Steady:
    """A microphone that is never lost, never late and never at an end: for the ramp, which judges no slots."""

    def __init__(self, client: Client, sound: stimulus.Stimulus) -> None:
        self.client = client
        self._sound = sound
        self._begins = time.time_ns()
        self._slot = 0

    @property
    def due(self) -> int | None:
        """Time at which the next packet is to be sent, ns of the wall clock."""
        return self._begins + self._slot * SLOT_NS

    def send(self) -> None:
        place = self._slot % len(self._sound.packets)
        self.client.send(self._slot, self._sound.packets[place], self._sound.levels[place])
        self._slot += 1


class Sender:
    """Sends for all streams, in one task."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Stream | Steady]] = []
        self.lateness: list[float] = []

    def add(self, stream: Stream | Steady) -> None:
        if stream.due is not None:
            heapq.heappush(self._due, (stream.due, id(stream), stream))

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            ahead = (self._due[0][0] - time.time_ns()) / 1e9 if self._due else 0.005
            await asyncio.sleep(min(0.005, max(0.0, ahead)))
            now = time.time_ns()
            while self._due and self._due[0][0] <= now:
                due, _, stream = heapq.heappop(self._due)
                if stream.due is None:
                    continue  # stopped meanwhile
                self.lateness.append((time.time_ns() - due) / 1e6)
                stream.send()
                self.add(stream)


async def connect(url: str, lines: int, call: str, speak: Callable[[Client], None]) -> None:
    """Connect the client of an echo (1 line), or the two of a call (2 lines) at the same time.

    Each speaks as soon as it is connected, as people's clients do. Raises NotConnected.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as http:

        async def one() -> None:
            client = Client(lines)
            await client.connect(http, url, call)
            speak(client)

        await asyncio.gather(*(one() for _ in range(lines)))


def talk(number: int) -> stimulus.Code:
    """Return the code of a call's client. Partners take turns, and calls are at different points of their cycle."""
    return stimulus.code(LONGEST, pauses=True).turned((number * 97 + number % 2 * 80) % stimulus.CYCLE)
