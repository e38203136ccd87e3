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
QUIET_PER_S, QUIET_BURST = 10.0, 60.0
"""Datagrams of a participant that nobody else's flood can take: a handshake, then checks and acknowledged subtitles."""
QUIET_CHECKS_PER_S, QUIET_CHECKS_BURST = 2.0, 40.0
"""The same of STUN from unproven addresses: a handshake has it, and a client that moves."""
QUIET_CHUNKS_PER_S, QUIET_CHUNKS_BURST = 20.0, 120.0
COMMON_PER_S, COMMON_BURST = 300.0, 2000.0
"""Datagrams beyond these, of all connections of a server together. While somebody floods, a client that needs some of
them has to wait: one that is resent 1 MiB of subtitles (some 400 acknowledgements), or sends 20 messages a second."""
COMMON_CHUNKS_PER_S, COMMON_CHUNKS_BURST = 600.0, 4000.0


class CommonBudget:
    """The part of the budgets that all connections of a server share."""

    def __init__(self) -> None:
        self.datagrams = TokenBucket(COMMON_PER_S, COMMON_BURST)
        self.chunks = TokenBucket(COMMON_CHUNKS_PER_S, COMMON_CHUNKS_BURST)


class QuietBudget:
    """The part that no other participant can take; one's connections share it, so a new offer brings no new one."""

    def __init__(self) -> None:
        self.datagrams = TokenBucket(QUIET_PER_S, QUIET_BURST)
        self.checks = TokenBucket(QUIET_CHECKS_PER_S, QUIET_CHECKS_BURST)
        self.chunks = TokenBucket(QUIET_CHUNKS_PER_S, QUIET_CHUNKS_BURST)


class ControlBudget:
    """The budgets of one connection, spent at loop time `now`."""

    def __init__(
        self, now: Callable[[], float], common: CommonBudget | None = None, quiet: QuietBudget | None = None
    ) -> None:
        """`common` is what the server's connections share, `quiet` what a participant's do; None: with nobody."""
        self._now = now
        self._common = common or CommonBudget()
        self._quiet = quiet or QuietBudget()
        self._checks = TokenBucket(CHECKS_PER_S, CHECKS_BURST)
        self._datagrams = TokenBucket(DATAGRAMS_PER_S, DATAGRAMS_BURST)
        self._chunks = TokenBucket(CHUNKS_PER_S, CHUNKS_BURST)
        self.refused = 0
        """Datagrams that were dropped, for want of budget."""

    def admits_check(self) -> bool:
        """True if a STUN message from an unproven address is let in.

        It takes nothing that is kept for the client at a proven one. Both may need what is common to all.
        """
        now = self._now()
        return self._counted(self._checks.consume(1, now) and self._fits(self._quiet.checks, now))

    def admits(self) -> bool:
        """True if a datagram of the client is let in."""
        now = self._now()
        return self._counted(self._datagrams.consume(1, now) and self._fits(self._quiet.datagrams, now))

    def admits_chunks(self, weight: int) -> bool:
        """True if a packet with this number of chunks and parameters is let in."""
        now = self._now()
        admitted = self._chunks.consume(weight, now) and (
            self._quiet.chunks.consume(weight, now) or self._common.chunks.consume(weight, now)
        )
        return self._counted(admitted)

    def _fits(self, quiet: TokenBucket, now: float) -> bool:
        """True if a datagram is one of a quiet call, or there is room for it among those of all."""
        return quiet.consume(1, now) or self._common.datagrams.consume(1, now)

    def _counted(self, admitted: bool) -> bool:
        self.refused += not admitted
        return admitted
