"""The receiver of one voice: RTP packets become a recording on the call's clock.

There is no jitter buffer: it would hide the measurements. Within a talkspurt the RTP timestamps place the audio,
counted from the arrival of the talkspurt's first packet. A lost packet stays silent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from clients.sound.opus import RATE, Samples, level
from clients.webrtc.rtp import Packet, Reordering, StreamStatistics, signed32

TALKSPURT_GAP = RATE * 60 // 1000  # timestamps that jump further than the packets lost account for
LATE = RATE * 300 // 1000  # further behind its talkspurt than this, audio would have been played anew
EARLIER = RATE * 5 // 1000  # ahead of its place by more than this, silence is played shorter
EARLY = RATE * 2  # further ahead than this, the timestamps were restarted
LONG_GAP = 0.1  # s between two packets: beyond it, most jitter buffers run dry
MAX_GAPS = 100  # in the report of a talkspurt
VOICED_DB = -50.0
VOICED_MERGE = 0.3  # s; shorter pauses are inside one voiced span
VOICED_MIN = 0.06  # s


class PacketDecoder(Protocol):
    def decode(self, payload: bytes) -> Samples: ...


@dataclass(slots=True)
class Talkspurt:
    """A run of packets without a gap in their timestamps. Places are samples after the pairing."""

    first_arrival: float  # loop time, s
    last_arrival: float
    place: int
    anchor: int  # RTP timestamp that belongs at `place`
    marker: bool
    clock_error: float | None  # s by which it came later than the previous talkspurt's timestamps say
    packets: int = 0
    end: int = 0
    voiced: int = 0  # samples
    longest_gap: float = 0.0  # s between the arrivals of two packets
    gaps: list[tuple[float, float]] = field(default_factory=list)  # audible ones: (loop time of the end, length) in s


@dataclass(slots=True)
class _Stream:
    """One SSRC: its statistics, its reordering and its decoder."""

    statistics: StreamStatistics
    order: Reordering[tuple[int, float, Packet]]
    decoder: PacketDecoder
    talkspurt: Talkspurt | None = None
    last_number: int = 0
    last_timestamp: int = 0


class Receiver:
    """Places the audio of one voice on the timeline that starts with `pair`.

    `write(start, samples)` takes 48 kHz mono audio at a sample number.
    """

    def __init__(self, decoder: Callable[[], PacketDecoder], write: Callable[[int, Samples], None]) -> None:
        self._decoder = decoder
        self._write = write
        self._zero: float | None = None
        self._streams: dict[int, _Stream] = {}
        self._written = 0
        self.talkspurts: list[Talkspurt] = []
        self.voiced: list[list[float]] = []  # [start, end] in s after the pairing
        self.before_pairing = 0
        self.undecodable = 0
        self.last_voiced_arrival: float | None = None

    def pair(self, zero: float) -> None:
        """Start the timeline: sample 0 is at loop time `zero`, s."""
        self._zero = zero

    def receive(self, packet: Packet, arrival: float) -> None:
        """Receive a packet. `arrival`: loop time, s."""
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            stream = _Stream(StreamStatistics(), Reordering(), self._decoder())
            self._streams[packet.ssrc] = stream
        number = stream.statistics.add(packet, arrival)
        if number is None:
            return
        for ready in stream.order.push(number, (number, arrival, packet)):
            self._play(stream, *ready)

    def flush(self) -> None:
        """Play the packets that still wait for a missing one."""
        for stream in self._streams.values():
            for ready in stream.order.flush():
                self._play(stream, *ready)

    def _play(self, stream: _Stream, number: int, arrival: float, packet: Packet) -> None:
        if self._zero is None or arrival < self._zero:
            self.before_pairing += 1
            stream.talkspurt = None
            return
        try:
            samples = stream.decoder.decode(packet.payload)
        except ValueError:
            self.undecodable += 1
            return
        spurt = self._talkspurt(stream, number, arrival, packet, len(samples))
        if level(samples) <= VOICED_DB:
            self._catch_up(spurt, arrival, packet)
        place = spurt.place + signed32(packet.timestamp - spurt.anchor)
        spurt.packets += 1
        gap = arrival - spurt.last_arrival
        spurt.longest_gap = max(spurt.longest_gap, gap)
        if gap > LONG_GAP and len(spurt.gaps) < MAX_GAPS:
            spurt.gaps.append((arrival, gap))
        spurt.last_arrival = max(spurt.last_arrival, arrival)
        spurt.end = max(spurt.end, place + len(samples))
        stream.last_number, stream.last_timestamp = number, packet.timestamp
        self._written = max(self._written, place + len(samples))
        self._write(place, samples)
        if level(samples) > VOICED_DB:
            spurt.voiced += len(samples)
            self.last_voiced_arrival = arrival
            self._mark_voiced(place / RATE, (place + len(samples)) / RATE)

    def _catch_up(self, spurt: Talkspurt, arrival: float, packet: Packet) -> None:
        """Shorten a silence whose packets come before their place: the talkspurt's first packet was delayed.

        A jitter buffer does the same.
        """
        assert self._zero is not None
        place = spurt.place + signed32(packet.timestamp - spurt.anchor)
        early = place - round((arrival - self._zero) * RATE)
        if early > EARLIER:
            spurt.place -= early
            self._written = min(self._written, place - early)

    def _talkspurt(self, stream: _Stream, number: int, arrival: float, packet: Packet, length: int) -> Talkspurt:
        """Return the talkspurt of a packet: the stream's last one, or a new one where it does not fit."""
        assert self._zero is not None
        arrived = round((arrival - self._zero) * RATE)
        spurt = stream.talkspurt
        behind = 0
        if spurt is not None:
            behind = arrived - (spurt.place + signed32(packet.timestamp - spurt.anchor))
            elapsed = signed32(packet.timestamp - stream.last_timestamp)
            gap = elapsed - (number - stream.last_number) * length
            opens = packet.marker and gap >= length > 0  # stock aiortc marks every packet
            if not opens and gap <= TALKSPURT_GAP and -EARLY <= behind <= LATE:
                return spurt
        stream.talkspurt = Talkspurt(
            first_arrival=arrival,
            last_arrival=arrival,
            place=max(arrived, self._written),  # nobody plays two talkspurts at once
            anchor=packet.timestamp,
            marker=packet.marker,
            clock_error=behind / RATE if spurt else None,
        )
        self.talkspurts.append(stream.talkspurt)
        return stream.talkspurt

    def _mark_voiced(self, start: float, end: float) -> None:
        if self.voiced and start - self.voiced[-1][1] < VOICED_MERGE:
            self.voiced[-1][1] = max(self.voiced[-1][1], end)
        else:
            self.voiced.append([start, end])

    @property
    def has_voice(self) -> bool:
        """True once any voice was received."""
        return any(end - start >= VOICED_MIN for start, end in self.voiced)

    def counts(self) -> dict[str, Any]:
        """Return the RTP statistics of all streams together. The jitter is that of the last stream."""
        total: dict[str, Any] = {"received": 0, "expected": 0, "lost": 0, "reordered": 0, "duplicates": 0}
        total |= {"late": 0, "jitterMs": 0.0}
        for stream in self._streams.values():
            counts = stream.statistics.summary()
            for key in ("received", "expected", "lost", "reordered", "duplicates"):
                total[key] += counts[key]
            total["late"] += stream.order.late
            total["jitterMs"] = counts["jitterMs"]
        return total

    def summary(self) -> dict[str, Any]:
        """Return the measurements for the report. Times are s after the pairing."""
        return {
            "heard": self.has_voice,
            "voiced": [[round(start, 3), round(end, 3)] for start, end in self.voiced if end - start >= VOICED_MIN],
            "talkspurts": [self._describe(spurt) for spurt in self.talkspurts],
            "rtp": self.counts() | {"ssrcs": list(self._streams)},
            "packetsBeforePairing": self.before_pairing,
            "undecodable": self.undecodable,
        }

    def _describe(self, spurt: Talkspurt) -> dict[str, Any]:
        zero = self._zero or 0.0
        error = spurt.clock_error
        return {
            "firstArrival": round(spurt.first_arrival - zero, 4),
            "lastArrival": round(spurt.last_arrival - zero, 4),
            "start": round(spurt.place / RATE, 4),
            "end": round(spurt.end / RATE, 4),
            "voicedMs": round(spurt.voiced / RATE * 1000),
            "packets": spurt.packets,
            "longestGapMs": round(spurt.longest_gap * 1000, 1),
            "gaps": [[round(at - zero, 3), round(gap * 1000, 1)] for at, gap in spurt.gaps],
            "marker": spurt.marker,
            "clockErrorMs": None if error is None else round(error * 1000, 1),
        }
