"""Forwards the partner's own voice undecoded: same payload and gaps, our own SSRC and sequence numbers.

Losses are left as they are, so that the listener's own jitter buffer and concealment see the truth.
"""

from __future__ import annotations

from media.rtp.packets import RtpPacket, Unwrapped
from media.rtp.sender import SenderStream

MAX_REORDERING = 100
"""Packets further than this from the last forwarded one are a new beginning, not reordering."""


class Forwarder:
    """Rewrites one speaker's packets into one listener's stream."""

    def __init__(self, stream: SenderStream) -> None:
        self._stream = stream
        self._source: int | None = None
        self._sequences = Unwrapped(16)
        self._first = 0
        self._sequence_shift = 0
        self._timestamp_shift = 0

    def send(self, packet: RtpPacket, now: float) -> None:
        """Forward one packet as it came."""
        newest = self._sequences.last
        sequence = self._sequences.see(packet.sequence)
        begins = packet.ssrc != self._source or newest is None or abs(sequence - newest) > MAX_REORDERING
        if begins:
            # Rebased: numbers go on without a hole, time goes on by the clock.
            self._source = packet.ssrc
            self._sequences = Unwrapped(16)
            self._first = sequence = self._sequences.see(packet.sequence)
            self._sequence_shift = self._stream.next_sequence - sequence
            self._timestamp_shift = self._stream.timestamp_at(now) - packet.timestamp
        elif sequence < self._first:
            return  # its number on the stream is taken by what was there before (and SRTP keys by number)
        self._stream.emit(
            packet.payload,
            (sequence + self._sequence_shift) & 0xFFFF,
            (packet.timestamp + self._timestamp_shift) & 0xFFFFFFFF,
            now,
            marker=packet.marker or begins,
            level=packet.level,
        )

    def rest(self) -> None:
        """Begin anew with the next packet: something else speaks on this stream now."""
        self._source = None
