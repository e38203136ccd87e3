"""Authenticates SRTP whose sender's roll-over counter was 1 before its first packet reached us (RFC 3711, 3.3.1).

A receiver takes the counter of a new stream for 0. A sender that begins just below 65536 has wrapped when the packets
before are lost, as those are that come before DTLS is up. Without help none of its packets ever authenticates. libsrtp
can be given a counter, its Python binding can't: so a session is led to it by packets of our own under the peer's key.
"""

from __future__ import annotations

from pylibsrtp import Error, Policy, Session

from media.rtp.budget import TokenBucket
from media.rtp.packets import build

TRIALS_PER_S, TRIALS_BURST = 10.0, 20.0
"""Trials with another counter: each derives keys anew, and forged packets ask for one, too."""
MAX_STREAMS = 8
REPLAY_WINDOW = 1024
_WRAP = 1 << 16
_HALF = _WRAP // 2
_STRIDE = _WRAP // 4
"""Step between two packets that lead a session on. One of half the numbers or more would count down."""
_CLEAR = _WRAP // 8
"""Distance of the last of them from the packet that is tried: beyond the replay window of those that come late."""


class RolledOverStreams:
    """The streams of one peer, by SSRC, that were found to be one round of sequence numbers further than a new one."""

    def __init__(self, key: bytes, profile: int) -> None:
        """`key` is the peer's SRTP master key and salt, `profile` libsrtp's number of the protection profile."""
        self._key = key
        self._profile = profile
        self._sessions: dict[int, Session] = {}
        self._trials = TokenBucket(TRIALS_PER_S, TRIALS_BURST)

    def __contains__(self, ssrc: int) -> bool:
        return ssrc in self._sessions

    def __len__(self) -> int:
        return len(self._sessions)

    def unprotect(self, data: bytes, ssrc: int) -> bytes:
        """Return the RTP packet of a stream that is known here. Raises pylibsrtp.Error."""
        return self._sessions[ssrc].unprotect(data)

    def try_first(self, data: bytes, ssrc: int, now: float) -> bytes | None:
        """Return the RTP packet of a stream of which nothing was ever authenticated; None if counter 1 is wrong, too.

        `now` is loop time in seconds: trials are rationed.
        """
        if len(data) < 12 or len(self._sessions) >= MAX_STREAMS or not self._trials.consume(1, now):
            return None
        session = self._led_to(ssrc, _WRAP + int.from_bytes(data[2:4], "big"))
        try:
            packet = session.unprotect(data)
        except (Error, ValueError):
            return None
        self._sessions[ssrc] = session
        return packet

    def _led_to(self, ssrc: int, index: int) -> Session:
        """Return a session that takes the next packet of `ssrc` for one near `index` (RFC 3711, 3.3.1)."""
        sender, receiver = self._session(Policy.SSRC_ANY_OUTBOUND), self._session(Policy.SSRC_ANY_INBOUND)
        for step in reversed(range(index - _CLEAR, _HALF, -_STRIDE)):
            receiver.unprotect(sender.protect(build(0, step % _WRAP, 0, ssrc, b"\0")))
        return receiver

    def _session(self, direction: int) -> Session:
        policy = Policy(key=self._key, ssrc_type=direction, srtp_profile=self._profile)
        policy.window_size = REPLAY_WINDOW
        return Session(policy)
