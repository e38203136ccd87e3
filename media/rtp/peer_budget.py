"""Decides how much media of one peer is let in: its rate, and what a line that stood still hands over at once."""

from __future__ import annotations

from media.rtp.budget import TokenBucket

MAX_PACKETS_PER_S, MAX_BITS_PER_S = 100.0, 256_000.0
"""Media of one peer; the surplus is dropped. Encoders for streams send Opus of 160 kbit/s, and 20 more of headers."""
CATCH_UP_S = 6.0
"""Time of which a peer's media may come at once. Lines stand still for 2 to 5 s and then deliver what they held."""
MAX_REPORTS_PER_S = 20.0
"""RTCP packets of one peer; RFC 3550, 6.2 allows a few a second."""


class PeerBudget:
    """The budget of one connection. Reports have their own: they cost no word of a voice."""

    def __init__(self) -> None:
        self._packets = TokenBucket(MAX_PACKETS_PER_S, MAX_PACKETS_PER_S * CATCH_UP_S)
        self._octets = TokenBucket(MAX_BITS_PER_S / 8, MAX_BITS_PER_S / 8 * CATCH_UP_S)
        self._reports = TokenBucket(MAX_REPORTS_PER_S, MAX_REPORTS_PER_S * CATCH_UP_S)

    def admits(self, size: int, now: float) -> bool:
        """True if a packet of `size` bytes is let in at `now` (loop time, s)."""
        if not (self._packets.holds(1, now) and self._octets.consume(size, now)):
            return False
        self._packets.take(1)
        return True

    def admits_report(self, now: float) -> bool:
        """True if an RTCP packet is let in at `now` (loop time, s)."""
        return self._reports.consume(1, now)
