"""Jitter buffer: orders RTP packets, and decides how long a missing packet is waited for. Pure.

A player must smooth; a recogniser must not: it wants every frame as soon as it can be decoded in order. So packets
that come in order leave on arrival, whatever their jitter. Only a hole makes later packets wait: until the missing
one comes, until `MAX_HELD` later ones have come, or until the wait is over. The wait follows the reordering that was
measured. Pure: `now` (seconds) is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.rtp.packets import RtpPacket, Unwrapped

MAX_HELD = 3
"""A hole is concealed when this many later packets wait behind it."""
MIN_WAIT, MAX_WAIT = 0.010, 0.060
MAX_CONCEALED = 10
"""Longer losses are left as silence of the right length: concealment fades to nothing by then anyway."""
RESTART_DISTANCE = 500
"""A jump ahead in sequence numbers over this is a sender that restarted, once two packets agree."""
MISORDER_DISTANCE = 100
"""A jump back over this is one, too (RFC 3550, A.1): no network delivers a packet two seconds late."""


@dataclass(slots=True)
class Ready:
    """A packet in order; `timestamp` is unwrapped."""

    packet: RtpPacket
    timestamp: int


@dataclass(slots=True)
class Hole:
    """`count` packets lost in a row before `timestamp`.

    `following` is the packet after them, whose in-band FEC holds the last of them.
    """

    count: int
    timestamp: int
    following: RtpPacket


@dataclass(slots=True)
class Restart:
    """The sender began anew: later items have no relation in time to earlier ones."""


Item = Ready | Hole | Restart


class JitterBuffer:
    """Orders the packets of one synchronisation source."""

    def __init__(self) -> None:
        self.lost = 0
        self.late = 0
        self.duplicates = 0
        self._ssrc: int | None = None
        self._reset()

    def _reset(self) -> None:
        self._sequences = Unwrapped(16)
        self._timestamps = Unwrapped(32)
        self._next: int | None = None
        self._held: dict[int, RtpPacket] = {}
        self._hole_since: float | None = None
        self._wait = MIN_WAIT
        self._suspect: int | None = None

    @property
    def depth(self) -> int:
        """Packets that wait behind a hole now."""
        return len(self._held)

    @property
    def deadline(self) -> float | None:
        """The time to call `poll`, which gives up on the hole at the head; None while there is none."""
        return None if self._hole_since is None else self._hole_since + self._wait

    def add(self, packet: RtpPacket, now: float) -> list[Item]:
        """Accept one packet as it arrives; return the items that can be decoded now, in order."""
        due = self._next
        if due is not None and packet.sequence == due & 0xFFFF and not self._held and packet.ssrc == self._ssrc:
            return self._in_order(packet, due)  # nearly every packet
        out: list[Item] = []
        if packet.ssrc != self._ssrc:
            if self._ssrc is not None:
                out.append(Restart())
            self._ssrc = packet.ssrc
            self._reset()
        elif self._jumped(packet):
            return out
        elif self._next is None:
            out.append(Restart())
        sequence = self._sequences.see(packet.sequence)
        if self._next is None:
            self._next = sequence
        if sequence < self._next:
            self._note_late(sequence, now)
            return out
        if sequence in self._held:
            self.duplicates += 1
            return out
        self._held[sequence] = packet
        self._emit_ready(out, now)
        while len(self._held) >= MAX_HELD and self._hole_since is not None:
            self._give_up(out, now)
        return out

    def _in_order(self, packet: RtpPacket, sequence: int) -> list[Item]:
        """Let the packet that was due next pass, where none is held and so no hole waited for."""
        self._suspect = None
        self._sequences.last = sequence
        self._next = sequence + 1
        if self._wait > MIN_WAIT:
            self._calm_down()
        return [Ready(packet, self._timestamps.see(packet.timestamp))]

    def _calm_down(self) -> None:
        """Shorten the wait slowly, by half in about 14 s: a packet came in order."""
        self._wait = max(MIN_WAIT, self._wait * 0.999)

    def poll(self, now: float) -> list[Item]:
        """Give up on the hole at the head once its wait is over."""
        out: list[Item] = []
        while (deadline := self.deadline) is not None and now >= deadline:
            self._give_up(out, now)
        return out

    def _jumped(self, packet: RtpPacket) -> bool:
        """True if a packet is to be swallowed, far from all others: a stray, or the first of a restarted sender."""
        last = self._sequences.last
        if last is None:
            return False
        distance = (packet.sequence - last) & 0xFFFF
        if distance <= RESTART_DISTANCE or distance >= 0x10000 - MISORDER_DISTANCE:
            self._suspect = None
            return False
        if self._suspect != packet.sequence:
            self._suspect = (packet.sequence + 1) & 0xFFFF
            return True
        self._reset()
        return False

    def _note_late(self, sequence: int, now: float) -> None:
        self.late += 1
        # A packet that we gave up on came after all: the network reorders further than we waited.
        self._wait = min(MAX_WAIT, self._wait * 1.5 + 0.005)

    def _emit_ready(self, out: list[Item], now: float) -> None:
        assert self._next is not None
        while (packet := self._held.pop(self._next, None)) is not None:
            out.append(Ready(packet, self._timestamps.see(packet.timestamp)))
            self._next += 1
            if self._hole_since is not None:
                self._hole_since = None
            else:
                self._calm_down()
        if self._held and self._hole_since is None:
            self._hole_since = now

    def _give_up(self, out: list[Item], now: float) -> None:
        assert self._next is not None
        first = min(self._held)
        count = first - self._next
        self.lost += count
        following = self._held[first]
        out.append(Hole(count, self._timestamps.see(following.timestamp), following))
        self._next = first
        self._hole_since = None
        self._emit_ready(out, now)
