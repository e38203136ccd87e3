"""How late what the server sends reaches each ear; the load generator's own lateness is not in it.

The partner's voice counts from the moment that its packet left the generator. The interpreter's has no such
moment: it counts from the quickest packets of its stream, by RTP timestamps.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.overload.calls import Seat
from bench.rtp_load.pace import Pace

_HEADER = struct.Struct("!xxHII")
_TICKS = 960  # of a slot

Milliseconds = NDArray[np.float64]
NOTHING: Milliseconds = np.empty(0)


@dataclass(slots=True)
class Heard:
    """Of some time: the delay of the partner's voice and the lateness of the interpreter's, packet by packet (ms)."""

    original: Milliseconds = field(default_factory=lambda: NOTHING)
    interpreter: Milliseconds = field(default_factory=lambda: NOTHING)

    @property
    def all(self) -> Milliseconds:
        return np.concatenate((self.original, self.interpreter))


def together(many: Sequence[Heard]) -> Heard:
    return Heard(
        np.concatenate([NOTHING, *(one.original for one in many)]),
        np.concatenate([NOTHING, *(one.interpreter for one in many)]),
    )


class Ear:
    """What one seat hears; `partner` is whose voice is forwarded to it, in a talk without gaps."""

    def __init__(self, seat: Seat, partner: Seat) -> None:
        self.seat = seat
        self._partner = partner
        self._pace = Pace()
        self._origin: int | None = None
        self._shift: int | None = None

    def take(self) -> Heard:
        """What came since the last time."""
        datagrams = self.seat.take()
        if not datagrams:
            return Heard()
        arrivals = np.array([arrival for arrival, _ in datagrams], np.int64)
        fields = np.array([_HEADER.unpack_from(data) for _, data in datagrams], np.int64)
        spoken = np.isin(fields[:, 2], list(self.seat.first_source))
        heard = Heard()
        if spoken.any():
            heard.interpreter = self._pace.late_ms(arrivals[spoken], fields[spoken, 1])
        if not spoken.all():
            heard.original = self._delays(arrivals[~spoken], fields[~spoken, 1])
        return heard

    def due(self, since: int, until: int) -> int:
        """How many packets of the partner's voice left between two times (ns of the wall clock)."""
        first, last = np.searchsorted(np.array(self._partner.sent, np.int64), [since, until])
        return int(last - first)

    def _delays(self, arrivals: NDArray[np.int64], stamps: NDArray[np.int64]) -> Milliseconds:
        """Which slot of the partner's a packet was is told by its timestamp, but for a constant: the least that
        lets no packet arrive before it was sent."""
        if self._origin is None:
            self._origin = int(stamps[0])
        slots = (((stamps - self._origin + 0x80000000) & 0xFFFFFFFF) - 0x80000000) // _TICKS
        sent = np.array(self._partner.sent, np.int64)
        newest = np.searchsorted(sent, arrivals, side="right") - 1
        shift = int((newest - slots).min())
        self._shift = shift if self._shift is None else min(self._shift, shift)
        places = slots + self._shift
        known = (places >= 0) & (places < len(sent))
        delays: Milliseconds = (arrivals[known] - sent[places[known]]) / 1e6
        return delays
