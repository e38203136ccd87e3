"""Measures delay, loss, concealment and stalls of received RTP audio, by test tones: one of its own for each 20 ms.

The tones are a *code* (`bench.rtp_load.stimulus.Code`). All that a line let us hear is decoded and strung together, and
each packet's audio has its time of arrival. Nothing but that audio is judged. A slot is *heard* where its own tone
carries a quarter of the power at its place: concealment has the tone of the slot before, silence none, and in-band FEC
a rougher copy of the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.rtp_load.stimulus import Code
from media.rtp.opus import Decoder, OpusError
from media.rtp.packets import CLOCK_RATE, RtpPacket
from testing.recordings import find

RATE = 16_000
SLOT = RATE // 50
LOOK_AHEAD = 104
"""Samples by which an Opus encoder is ahead of its decoder: 6.5 ms, once for each encoding on the way."""
EDGE = 32
HEARD = 0.25
PHRASE = 8  # slots by which a place is found
ALIKE = 0.5
REACH, FARTHEST = RATE // 2, 3 * RATE  # samples by which playing may jump, from the last slot heard on
SILENT = 33.0  # RMS, -60 dBFS
STALL_MS = 60.0
RETURN_SLOTS = range(50, 60)
RETURN_MS = 5.0
TAIL = 60  # slots at the end that are not judged: their return could not be seen

Samples = NDArray[np.float32]
Arrivals = Sequence[tuple[int, RtpPacket]]


@dataclass(slots=True)
class Audio:
    """A line's audio at 16 kHz, and for each packet: first sample, arrival (ns), RTP timestamp, loudness."""

    samples: Samples
    starts: NDArray[np.int64]
    arrivals: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    loudness: NDArray[np.float64]

    @classmethod
    def of(cls, packets: Arrivals) -> Audio:
        """Decode a line; packets that libopus can't read are left out."""
        decoder = Decoder(RATE)
        pieces, rows = [], []
        position = 0
        for arrival, packet in packets:
            try:
                piece = np.frombuffer(decoder.decode(packet.payload), np.int16).astype(np.float32)
            except OpusError:
                continue
            rows.append((position, arrival, packet.timestamp, float(np.sqrt(np.mean(piece**2)))))
            pieces.append(piece)
            position += len(piece)
        columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
        starts, arrivals, timestamps = (np.array(column, np.int64) for column in columns[:3])
        samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        return cls(samples, starts, arrivals, timestamps, np.array(columns[3], np.float64))

    def arrival_ms(self, sample: int, origin: int) -> float:
        """Return the time at which a sample can be played, in ms after `origin` (ns)."""
        packet = int(np.searchsorted(self.starts, sample, "right")) - 1
        return (int(self.arrivals[packet]) - origin) / 1e6 + (sample - int(self.starts[packet])) * 1000 / RATE

    def on_time(self) -> Samples:
        """Return the audio placed by its RTP timestamps, silent where nothing came."""
        if not len(self.starts):
            return self.samples
        offsets = ((self.timestamps - self.timestamps[0]) & 0xFFFFFFFF) * RATE // CLOCK_RATE
        ends = np.append(self.starts[1:], len(self.samples))
        kept = offsets < RATE * 600
        placed = np.zeros(int((offsets + ends - self.starts)[kept].max()), np.float32)
        for offset, start, end in zip(offsets[kept], self.starts[kept], ends[kept], strict=True):
            placed[offset : offset + end - start] = self.samples[start:end]
        return placed


@dataclass(slots=True)
class Said:
    """A code as one client sent it. Each slot has its time of leaving the encoder (ns), and its fate on the wire."""

    code: Code
    times: NDArray[np.int64]
    fates: Sequence[float | None]
    calm: int


COUNTS = ("slots", "lost", "unheard", "filled", "isolated", "recovered", "losses_judged", "returned", "stalls")


@dataclass(slots=True)
class Hearing:
    """Counts over the slots judged; delays in ms."""

    slots: int = 0
    lost: int = 0
    unheard: int = 0
    filled: float = 0.0
    isolated: int = 0
    recovered: int = 0
    losses_judged: int = 0
    returned: int = 0
    longest_stall_ms: float = 0.0
    stalls: int = 0
    delays: list[float] = field(default_factory=list)

    def add(self, other: Hearing) -> None:
        """Add the counts of another line."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_stall_ms = max(self.longest_stall_ms, other.longest_stall_ms)
        self.delays += other.delays


def judge(said: Said, packets: Arrivals, encodings: int) -> Hearing:
    """Compare the packets with the code.

    `encodings` on the way is 1 for a forwarded voice, 2 for one decoded and encoded by the server.
    """
    audio = Audio.of(packets)
    code, slots = said.code, len(said.times)
    shifts = _align(code, audio.samples, slots)
    origin = int(said.times[0])
    delays = np.full(slots, np.nan)
    for slot in np.flatnonzero(shifts >= 0):
        at = audio.arrival_ms(int(shifts[slot]), origin) - LOOK_AHEAD * encodings * 1000 / RATE
        delays[slot] = at - (int(said.times[slot]) - origin) / 1e6
    sounding = ~np.isnan(code.pitches[:slots])
    judged = np.flatnonzero(sounding & (np.arange(slots) >= said.calm) & (np.arange(slots) < slots - TAIL))
    hearing = Hearing(slots=len(judged))
    hearing.delays = [round(float(d), 2) for d in delays[judged] if not np.isnan(d)]
    hearing.unheard = len(judged) - len(hearing.delays)
    _count_losses(hearing, said, delays, judged)
    if len(judged) and sounding.all():
        _count_playing(hearing, audio, int(said.times[judged[0]]), int(said.times[judged[-1]]))
    return hearing


def _count_losses(hearing: Hearing, said: Said, delays: NDArray[np.float64], judged: NDArray[np.int64]) -> None:
    calm = delays[25 : said.calm]
    before = float(np.nanmedian(calm)) if np.isfinite(calm).any() else np.inf
    for slot in map(int, judged):
        if said.fates[slot] is not None:
            continue
        hearing.lost += 1
        if said.fates[slot - 1] is not None and said.fates[slot + 1] is not None:
            hearing.isolated += 1
            hearing.recovered += bool(np.isfinite(delays[slot]))
        later = delays[slot + RETURN_SLOTS.start : slot + RETURN_SLOTS.stop]
        hearing.losses_judged += 1
        if np.isfinite(later).any():
            hearing.returned += bool(np.nanmedian(later) <= before + RETURN_MS)


def _count_playing(hearing: Hearing, audio: Audio, first: int, last: int) -> None:
    """Count 20 ms slots filled with sound between two times (ns), and gaps in which a listener ran dry."""
    within = (audio.arrivals >= first) & (audio.arrivals < last + 20_000_000) & (audio.loudness > SILENT)
    lengths = np.diff(np.append(audio.starts, len(audio.samples)))
    _, once = np.unique(audio.timestamps[within], return_index=True)
    hearing.filled = float(lengths[within][once].sum() / SLOT)
    arrivals = np.concatenate([[first], audio.arrivals[within], [last]])
    played = np.concatenate([[20.0], lengths[within] * 1000 / RATE])
    dry = np.diff(arrivals) / 1e6 - played
    hearing.longest_stall_ms = round(float(dry.max()), 1)
    hearing.stalls = int((dry > STALL_MS).sum())


def _align(code: Code, samples: Samples, slots: int) -> NDArray[np.int64]:
    """Return for each slot the sample at which its audio begins in the received sound; -1 where it is missing."""
    said = code.audio[::3].astype(np.float32)
    places = np.full(slots, -1, np.int64)
    shift = _search(code, said, samples, 25, 0, 4 * RATE)
    if shift is None:
        return places
    reach = REACH
    for slot in range(slots):
        if np.isnan(code.pitches[slot]):
            continue
        at = slot * SLOT + shift
        reach = min(FARTHEST, reach + 2 * SLOT)
        if not _carries(samples, at, code.pitches[slot]):
            found = _search(code, said, samples, slot, at - reach, at + reach + PHRASE * SLOT)
            if found is None or abs(found - shift) <= EDGE:
                continue
            shift = found
            at = slot * SLOT + shift
            if not _carries(samples, at, code.pitches[slot]):
                continue
        places[slot] = at
        reach = REACH
    return places


def _search(code: Code, said: Samples, samples: Samples, slot: int, low: int, high: int) -> int | None:
    """Return the delay (samples) of the slots from `slot` on, if most of them were received."""
    low, high = max(0, low), min(len(samples), high)
    sound = said[slot * SLOT : (slot + PHRASE) * SLOT]
    if len(sound) < PHRASE * SLOT or high - low < len(sound):
        return None
    seconds, likeness = find(sound, samples[low:high])
    shift = low + round(seconds * RATE) - slot * SLOT
    if likeness < ALIKE:
        return None
    phrase = [one for one in range(slot, slot + PHRASE) if not np.isnan(code.pitches[one])]
    carried = sum(_carries(samples, one * SLOT + shift, code.pitches[one]) for one in phrase)
    return shift if carried * 2 > len(phrase) else None


def _carries(samples: Samples, at: int, pitch: float) -> bool:
    """True if a tone of `pitch` Hz carries a quarter of the power of the slot at a sample."""
    piece = samples[max(0, at + EDGE) : at + SLOT - EDGE]
    if at < 0 or len(piece) < SLOT - 2 * EDGE:
        return False
    angle = 2 * np.pi * pitch * np.arange(len(piece)) / RATE
    waves = np.stack([np.cos(angle), np.sin(angle)])
    power = float(piece @ piece)
    inside = waves @ piece
    return power > len(piece) and float(inside @ np.linalg.solve(waves @ waves.T, inside)) / power >= HEARD
