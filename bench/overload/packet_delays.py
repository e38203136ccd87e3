"""Delay of the packets that the server sends to each seat, without the load generator's own lateness.

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
    """Delays of some time, packet by packet, in ms.

    `original` is the delay of the partner's voice, `interpreter` the lateness of the interpreter's.
    """

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


class SeatReceiver:
    """Packets that one seat receives. `partner` is the seat whose voice is forwarded to it, in a talk without gaps."""

    def __init__(self, seat: Seat, partner: Seat) -> None:
        self.seat = seat
        self._partner = partner
        self._pace = Pace()
        self._origin: int | None = None
        self._shift: int | None = None

    def take(self) -> Heard:
        """Return the delays of the packets since the last call."""
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
        """Return the number of the partner's packets that left between two times (ns of the wall clock)."""
        first, last = np.searchsorted(np.array(self._partner.sent, np.int64), [since, until])
        return int(last - first)

    def _delays(self, arrivals: NDArray[np.int64], stamps: NDArray[np.int64]) -> Milliseconds:
        """Return the delay of each packet since its slot left the partner, ms.

        The timestamp gives the slot but for a constant, which is the least that lets no packet arrive before it was
        sent.
        """
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
