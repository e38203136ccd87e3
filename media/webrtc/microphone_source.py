"""Decides which packets of a connection are the microphone's, by mid, payload type and SSRC (RFC 8843, 9.2).

A header's fields are hints of the client. A mid or a declared SSRC of another m-line keeps a packet out. Without
either, the source that came first is believed until it is silent and another one goes on. Pure: `now` is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from media.rtp.packets import RtpPacket
from media.webrtc.sdp_offer import MediaLine

FEW = 5
"""Packets in a row after which another source is believed."""
FEW_DECLARED = 3
"""Packets after which a source is believed that the client names as its microphone, whoever else sends."""
SILENT_S = 0.6
"""Silence of the present source before another one is believed. An encoder in DTX sends every 400 ms."""
MAX_HELD = 100
"""Packets that are kept of a source that may be believed soon: none of its words is lost then."""
MAX_SOURCES = 32
_DYNAMIC = 96
"""Least payload type without a fixed meaning (RFC 3551, 6)."""
_MOST_DIGITS = 3
"""Digits of a payload type: what has more is none, and may be longer than Python reads."""


class Rank(IntEnum):
    """Evidence for a source, the better the higher."""

    ELSEWHERE = 0
    """Its mid, its payload type or its declaration says that it belongs to another m-line."""
    LATER = 1
    """Nothing is said of it, and another source was there before."""
    FIRST = 2
    """Nothing is said of it; it was the first."""
    DECLARED = 3
    """Its mid or the offer says that it is the microphone."""


@dataclass(frozen=True, slots=True)
class AudioLines:
    """Hints of an offer about its microphone, the first audio m-line, and about all other m-lines."""

    mid: str
    other_mids: frozenset[str]
    ssrcs: frozenset[int]
    other_ssrcs: frozenset[int]
    types: frozenset[int]
    """Payload types of Opus on the microphone's m-line, and those to which the offer gives no meaning at all."""
    other_types: frozenset[int]
    """Payload types of Opus on other audio m-lines only."""
    signals: frozenset[int]
    """Payload types that hold no voice: comfort noise, telephone events."""


def audio_lines(microphone: MediaLine, m_lines: Iterable[MediaLine]) -> AudioLines:
    """Return the hints of an offer with these `m_lines`, of which `microphone` is the first audio m-line."""
    others = [one for one in m_lines if one is not microphone]
    formats = (number for one in (microphone, *others) for number in one.formats)
    named = {int(number) for number in formats if number.isdecimal() and len(number) <= _MOST_DIGITS}
    audio = [one for one in others if one.kind == "audio"]
    return AudioLines(
        microphone.mid,
        frozenset(one.mid for one in others if one.mid) - {microphone.mid},
        frozenset(microphone.ssrcs),
        frozenset(ssrc for one in others for ssrc in one.ssrcs) - microphone.ssrcs,
        frozenset(microphone.opus_types | (set(range(_DYNAMIC, 128)) - named)),
        frozenset(number for one in audio for number in one.opus_types) - microphone.opus_types,
        frozenset({13}.union(microphone.signals, *(one.signals for one in audio))),
    )


class MicrophoneSource:
    """Chooses the microphone's packets among those that one connection receives."""

    def __init__(self, lines: AudioLines) -> None:
        self._lines = lines
        self._ssrc: int | None = None
        self._rank = Rank.ELSEWHERE
        self._arrived_at = 0.0
        self._ranks: dict[int, Rank] = {}
        self._held: list[RtpPacket] = []
        """Packets in a row of a source that is not believed yet."""
        self._held_rank = Rank.ELSEWHERE
        self._held_at = 0.0
        self.elsewhere = 0
        """Packets on other audio m-lines in a voice's codec."""
        self.unplaced = 0
        """Packets of sources of which nothing says that they are on another m-line."""
        self.unknown = 0
        """Packets of a codec that was not agreed on."""
        self._others = 0

    def __repr__(self) -> str:
        return f"<MicrophoneSource {self._ssrc} {self._rank.name} held={len(self._held)} foreign={self.foreign}>"

    @property
    def foreign(self) -> int:
        """Packets of other sources than the microphone, which were not heard."""
        return self._others + self.unplaced

    def choose(self, packet: RtpPacket, now: float) -> Sequence[RtpPacket]:
        """Return the packets that are to be heard now, in order: this one, or also earlier ones, or none.

        `now` is loop time in seconds.
        """
        lines = self._lines
        if packet.ssrc == self._ssrc and packet.payload_type in lines.types:
            mid = packet.mid
            if mid is None or (mid == lines.mid and self._rank is Rank.DECLARED):
                self._continue(now)
                return (packet,)
        return self._judge(packet, now)

    def _judge(self, packet: RtpPacket, now: float) -> Sequence[RtpPacket]:
        lines, rank = self._lines, self._rank_of(packet)
        if rank is Rank.ELSEWHERE:
            self._others += 1
            self.elsewhere += packet.payload_type in lines.types or packet.payload_type in lines.other_types
            if packet.ssrc == self._ssrc:
                self._ssrc, self._rank = None, Rank.ELSEWHERE
            return ()
        declared_opus = rank is Rank.DECLARED and packet.payload_type in lines.other_types
        if packet.payload_type not in lines.types and not declared_opus:
            self.unknown += bool(packet.payload) and packet.payload_type not in lines.signals
            return ()
        if packet.ssrc == self._ssrc:
            self._rank = rank
            self._continue(now)
            return (packet,)
        return self._hold(packet, rank, now)

    def _continue(self, now: float) -> None:
        """Note a packet of the present source: others in between are foreign, but for one with better evidence."""
        self._arrived_at = now
        if self._held and self._held_rank <= self._rank:
            self._discard_held()

    def _hold(self, packet: RtpPacket, rank: Rank, now: float) -> Sequence[RtpPacket]:
        """Keep a packet of another source, or return all that are kept once the source is believed."""
        if self._held and self._held[0].ssrc != packet.ssrc:
            if rank <= self._held_rank and now - self._held_at < SILENT_S:
                self.unplaced += 1
                return ()
            self._discard_held()
        self._held.append(packet)
        self._held_rank, self._held_at = rank, now
        if self._believes(rank, now):
            self._ssrc, self._rank, self._arrived_at = packet.ssrc, rank, now
            chosen, self._held = self._held, []
            return chosen
        if len(self._held) > MAX_HELD:
            del self._held[0]
            self.unplaced += 1
        return ()

    def _believes(self, rank: Rank, now: float) -> bool:
        """True if the source whose packets are held is the microphone from now on."""
        if self._ssrc is None:
            undeclared = rank is not Rank.DECLARED and bool(self._lines.ssrcs)
            return len(self._held) >= (FEW if undeclared else 1)
        if rank > self._rank:
            return len(self._held) >= FEW_DECLARED
        return len(self._held) >= FEW and now - self._arrived_at >= SILENT_S

    def _rank_of(self, packet: RtpPacket) -> Rank:
        """Return the evidence for the packet's source. A mid in a packet counts from then on."""
        lines, known = self._lines, self._ranks.get(packet.ssrc)
        if packet.mid is not None and packet.mid == lines.mid:
            rank = Rank.DECLARED
        elif packet.mid is not None and packet.mid in lines.other_mids:
            rank = Rank.ELSEWHERE
        elif known is not None:
            return known
        elif packet.ssrc in lines.ssrcs:
            rank = Rank.DECLARED
        elif packet.ssrc in lines.other_ssrcs:
            rank = Rank.ELSEWHERE
        elif packet.payload_type in lines.other_types:
            return Rank.ELSEWHERE
        elif packet.payload_type not in lines.types:
            return Rank.LATER
        else:
            rank = Rank.FIRST if self._ssrc is None else Rank.LATER
        if known is None and len(self._ranks) >= MAX_SOURCES:
            self._ranks = {} if self._ssrc is None else {self._ssrc: self._rank}
        self._ranks[packet.ssrc] = rank
        return rank

    def _discard_held(self) -> None:
        self.unplaced += len(self._held)
        self._held = []
