"""Decides how many datagrams that are no media one connection lets in: STUN, DTLS, and SCTP inside of DTLS.

Media has a budget of its own (`media/rtp/peer_budget.py`), and is not counted here. A refused datagram looks to its
sender like one lost on the way: SCTP and DTLS send it again, more slowly, and ICE checks go on.
"""

from __future__ import annotations

from collections.abc import Callable

from media.rtp.budget import TokenBucket

CHECKS_PER_S, CHECKS_BURST = 50.0, 200.0
"""STUN from addresses that nobody has proved to be at: a client begins by some 20 a second."""
DATAGRAMS_PER_S, DATAGRAMS_BURST = 100.0, 600.0
"""STUN and DTLS of the client: a quiet call has two a second, and a message of 64 KiB comes in 55."""
CHUNKS_PER_S, CHUNKS_BURST = 200.0, 1200.0
"""Chunks of SCTP and their parameters. A client puts one or two into a datagram, and 370 would have room."""


class ControlBudget:
    """The budgets of one connection, spent at loop time `now`."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._checks = TokenBucket(CHECKS_PER_S, CHECKS_BURST)
        self._datagrams = TokenBucket(DATAGRAMS_PER_S, DATAGRAMS_BURST)
        self._chunks = TokenBucket(CHUNKS_PER_S, CHUNKS_BURST)
        self.refused = 0
        """Datagrams that were dropped, for want of budget."""

    def admits_check(self) -> bool:
        """True if a STUN message from an unproven address is let in. It costs the client at another one nothing."""
        return self._counted(self._checks.consume(1, self._now()))

    def admits(self) -> bool:
        """True if a datagram of the client is let in."""
        return self._counted(self._datagrams.consume(1, self._now()))

    def admits_chunks(self, weight: int) -> bool:
        """True if a packet with this number of chunks and parameters is let in."""
        return self._counted(self._chunks.consume(weight, self._now()))

    def _counted(self, admitted: bool) -> bool:
        self.refused += not admitted
        return admitted
