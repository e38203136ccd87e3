"""Statistics of a stream: loss, jitter, concealment and round trip, as RFC 3550 defines them."""

from __future__ import annotations

from dataclasses import dataclass

from media.rtp.packets import CLOCK_RATE, RtpPacket, Unwrapped

MAX_DROPOUT, MAX_MISORDER = 3000, 100
"""Distances in sequence numbers, ahead and back, beyond which a packet is no packet of the same stream."""
NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905)."""


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """The figures of one RTCP report block (RFC 3550, 6.4.1); jitter in RTP clock ticks."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int


@dataclass(slots=True)
class SenderStatistics:
    """The figures of the streams that we send, by the listener's receiver reports."""

    fraction_lost: float = 0.0
    """0..1, of the last report."""
    packets_lost: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float | None = None

    def reported(
        self, fraction_lost: int, packets_lost: int, jitter: int, lsr: int, dlsr: int, wall: float
    ) -> float | None:
        """Note a report block that arrived at `wall` (epoch seconds).

        Return its round trip in ms by RFC 3550, 6.4.1; None where it tells of none: `round_trip_ms` is then an older
        block's.
        """
        self.fraction_lost = fraction_lost / 256
        self.packets_lost = packets_lost
        self.jitter_ms = jitter * 1000 / CLOCK_RATE
        if lsr:
            trip = (ntp_middle(wall) - lsr - dlsr) & 0xFFFFFFFF
            if trip < 1 << 22:  # 64 s: more is a clock that was set
                self.round_trip_ms = trip * 1000 / 65536
                return self.round_trip_ms
        return None


def ntp_middle(wall: float) -> int:
    """Return the middle 32 bits of the NTP timestamp of `wall` (epoch seconds): seconds as 16.16."""
    return int((wall + NTP_EPOCH) * 65536) & 0xFFFFFFFF


class ReceiverStatistics:
    """Counts one speaker's stream as a receiver must.

    `packets` arrived, of which `empty` ones have no payload; `decoded` were read as Opus. `holes` are lost packets that
    were concealed, of which `recovered` by FEC. `undecodable` packets are no Opus, `dropped` ones were over a budget
    of ours, `foreign` ones of another source than the microphone. `wrong_levels` are streams whose audio level was
    found wrong.
    """

    def __init__(self) -> None:
        self.packets = 0
        self.empty = 0
        self.decoded = 0
        self.holes = 0
        self.recovered = 0
        self.undecodable = 0
        self.dropped = 0
        self.foreign = 0
        self.wrong_levels = 0
        self._ssrc: int | None = None
        self._begin()

    def _begin(self) -> None:
        self._sequences = Unwrapped(16)
        self._timestamps = Unwrapped(32)
        self._first: int | None = None
        self._highest = 0
        self._received = 0
        self._reported = (0, 0)
        self._jitter = 0.0
        self._transit: float | None = None
        self._after_jump: int | None = None

    def arrived(self, packet: RtpPacket, now: float) -> None:
        """Count a packet; `now` in seconds."""
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._begin()
        self.packets += 1
        if not packet.payload:
            self.empty += 1
        sequence = self._highest + 1
        if self._first is not None and packet.sequence == sequence & 0xFFFF:  # the next in order
            self._sequences.last = self._highest = sequence
            self._after_jump = None
        elif self._jumped(packet):
            return
        else:
            sequence = self._sequences.see(packet.sequence)
            if self._first is None:
                self._first = self._highest = sequence
            self._highest = max(self._highest, sequence)
        self._received += 1
        transit = now * CLOCK_RATE - self._timestamps.see(packet.timestamp)
        if self._transit is not None:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit

    def _jumped(self, packet: RtpPacket) -> bool:
        """True if a packet is far from all others: a stray, or the first of a sender that restarted (RFC 3550, A.1)."""
        last = self._sequences.last
        distance = 0 if last is None else (packet.sequence - last) & 0xFFFF
        if distance <= MAX_DROPOUT or distance >= 0x10000 - MAX_MISORDER:
            self._after_jump = None
        elif packet.sequence != self._after_jump:
            self._after_jump = (packet.sequence + 1) & 0xFFFF
            return True
        else:
            self._begin()
        return False

    def concealed(self, count: int) -> None:
        """Count packets that were made up for."""
        self.holes += count

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter (RFC 3550, A.8), in milliseconds."""
        return self._jitter * 1000 / CLOCK_RATE

    @property
    def lost(self) -> int:
        """Packets that never came from the present synchronisation source."""
        if self._first is None:
            return 0
        return self._highest - self._first + 1 - self._received

    def report(self) -> ReportBlock | None:
        """Return the block for a receiver report, counted since the last; None before the first packet."""
        if self._ssrc is None or self._first is None:
            return None
        expected = self._highest - self._first + 1
        then_expected, then_received = self._reported
        interval, got = expected - then_expected, self._received - then_received
        self._reported = expected, self._received
        fraction = 0 if interval <= 0 else max(0, min(255, (interval - got) * 256 // interval))
        lost = max(-0x800000, min(0x7FFFFF, expected - self._received))
        return ReportBlock(self._ssrc, fraction, lost, self._highest & 0xFFFFFFFF, round(self._jitter))
