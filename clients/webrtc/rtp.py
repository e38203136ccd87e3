"""Statistics of an RTP receiver: extended sequence numbers, loss, reordering, jitter (RFC 3550)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")

CLOCK_RATE = 48000  # Opus: RFC 7587, section 4.1, whatever the coded bandwidth


@dataclass(frozen=True, slots=True)
class Packet:
    """One received RTP packet, without its header extensions."""

    ssrc: int
    sequence: int  # 16 bits
    timestamp: int  # 32 bits, 48 kHz
    marker: bool
    payload: bytes


def signed32(value: int) -> int:
    """Return the difference of two 32-bit timestamps as a signed number."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value


def signed16(value: int) -> int:
    """Return the difference of two 16-bit sequence numbers as a signed number."""
    value &= 0xFFFF
    return value - (1 << 16) if value & 0x8000 else value


@dataclass(slots=True)
class StreamStatistics:
    """Statistics of one SSRC, after RFC 3550 appendices A.1, A.3 and A.8."""

    received: int = 0
    duplicates: int = 0
    reordered: int = 0
    jitter: float = 0.0  # in units of the RTP clock
    base: int | None = None  # extended sequence numbers
    highest: int = 0
    _recent: set[int] = field(default_factory=set)
    _last_arrival: float = 0.0
    _last_timestamp: int = 0

    def add(self, packet: Packet, arrival: float) -> int | None:
        """Count a packet. Return its extended sequence number, None for a duplicate. `arrival`: s."""
        if self.base is None:
            self.base = self.highest = packet.sequence
            extended = packet.sequence
        else:
            extended = self.highest + signed16(packet.sequence - self.highest)
            if extended in self._recent:
                self.duplicates += 1
                return None
            if extended < self.highest:
                self.reordered += 1
                self.base = min(self.base, extended)
            self._measure_jitter(packet, arrival)
            self.highest = max(self.highest, extended)
        self.received += 1
        self._remember(extended)
        self._last_arrival, self._last_timestamp = arrival, packet.timestamp
        return extended

    def _measure_jitter(self, packet: Packet, arrival: float) -> None:
        transit = (arrival - self._last_arrival) * CLOCK_RATE
        difference = transit - signed32(packet.timestamp - self._last_timestamp)
        self.jitter += (abs(difference) - self.jitter) / 16

    def _remember(self, extended: int) -> None:
        self._recent.add(extended)
        if len(self._recent) > 2048:
            self._recent = {number for number in self._recent if number > self.highest - 1024}

    @property
    def expected(self) -> int:
        """Number of packets that the sender sent from the first to the last received one."""
        return 0 if self.base is None else self.highest - self.base + 1

    @property
    def lost(self) -> int:
        """Number of packets that were not received."""
        return self.expected - self.received

    def summary(self) -> dict[str, Any]:
        return {
            "received": self.received,
            "expected": self.expected,
            "lost": self.lost,
            "reordered": self.reordered,
            "duplicates": self.duplicates,
            "jitterMs": round(self.jitter / CLOCK_RATE * 1000, 3),
        }


class Reordering(Generic[T]):
    """A queue that returns items in sequence. A hole is skipped when `patience` later items wait behind it.

    It adds no delay to a measurement: each item carries its own time of arrival.
    """

    def __init__(self, patience: int = 3) -> None:
        self._patience = patience
        self._next: int | None = None
        self._waiting: dict[int, T] = {}
        self.late = 0  # items that came after their hole was skipped

    def push(self, number: int, item: T) -> list[T]:
        """Add an item. Return the items that are next in sequence."""
        if self._next is None:
            self._next = number
        if number < self._next:
            self.late += 1
            return []
        self._waiting[number] = item
        ready = self._consecutive()
        if len(self._waiting) > self._patience:
            self._next = min(self._waiting)
            ready += self._consecutive()
        return ready

    def flush(self) -> list[T]:
        """Return all waiting items in sequence."""
        ready = [self._waiting[number] for number in sorted(self._waiting)]
        if self._waiting:
            self._next = max(self._waiting) + 1
        self._waiting.clear()
        return ready

    def _consecutive(self) -> list[T]:
        ready = []
        while self._next is not None and self._next in self._waiting:
            ready.append(self._waiting.pop(self._next))
            self._next += 1
        return ready
