"""Recording of a received stream: every packet with its time of arrival, on the one clock.

There is no jitter buffer: what a browser's adds (44 ms in Chromium on a calm network) is reported beside.
Within a run of packets the RTP timestamps say where the audio belongs, counted from the arrival of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clients.sound.opus import RATE, Decoder, level
from clients.webrtc.rtp import Packet, signed32
from testing.resampling import resampled

VOICED_DB = -50.0
GAP = RATE * 60 // 1000  # a jump of the timestamps beyond this begins a new run
LATE = 0.25  # s; further behind its time, a run is over, whatever its timestamps say: not all stay on the clock
AHEAD = 10.0  # s; what is sent faster than it is played waits at the listener


@dataclass(slots=True)
class TimedReceiver:
    """Recording of the packets of one stream.

    `clients.session.Call` uses it in place of a `clients.webrtc.receiver.Receiver`. Times are loop time, s.
    """

    arrivals: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    places: list[float] = field(default_factory=list)  # when the first sample of the packet is to be played
    last_voiced_arrival: float | None = None
    _pieces: list[NDArray[np.int16]] = field(default_factory=list)
    _decoder: Decoder | None = None
    _ssrc: int = -1
    _last: tuple[int, float] | None = None  # RTP timestamp and place of the last packet

    def pair(self, zero: float) -> None:
        """Do nothing: the call's own clock is not used here."""

    def receive(self, packet: Packet, arrival: float) -> None:
        """Receive a packet. On this machine's loopback none is lost or overtaken."""
        if self._decoder is None or packet.ssrc != self._ssrc:
            self._decoder, self._ssrc, self._last = Decoder(), packet.ssrc, None
        try:
            samples = self._decoder.decode(packet.payload)
        except ValueError:
            return
        place = arrival
        if self._last is not None:
            jump = signed32(packet.timestamp - self._last[0])
            expected = self._last[1] + jump / RATE
            if 0 < jump <= GAP and -LATE < expected - arrival < AHEAD:
                place = expected
        loudness = level(samples)
        self._last = packet.timestamp, place
        self.arrivals.append(arrival)
        self.levels.append(round(loudness, 1))
        self.places.append(place)
        self._pieces.append(samples)
        if loudness > VOICED_DB:
            self.last_voiced_arrival = arrival

    @property
    def heard(self) -> bool:
        return self.last_voiced_arrival is not None

    def flush(self) -> None:
        """Do nothing: no packet waits here."""

    def counts(self) -> dict[str, Any]:
        """Return the counts for the client's reports to the server."""
        return {"received": len(self.arrivals), "expected": len(self.arrivals), "lost": 0, "late": 0, "jitterMs": 0.0}

    def save(self, file: Path) -> dict[str, Any]:
        """Write the audio at 16 kHz to a file, and return the rest."""
        zero = self.places[0] if self.places else 0.0
        length = round((self.places[-1] - zero + 0.2) * RATE) if self.places else 0
        sound = np.zeros(length, np.int16)
        for place, piece in zip(self.places, self._pieces, strict=True):
            at = max(0, round((place - zero) * RATE))
            sound[at : at + len(piece)] = piece[: max(0, length - at)]
        np.save(file, resampled(sound, RATE))
        voiced = [number for number, one in enumerate(self.levels) if one > VOICED_DB]
        return {
            "zero": zero,
            "file": str(file),
            "arrivals": [round(self.arrivals[number], 4) for number in voiced],
            "places": [round(self.places[number], 4) for number in voiced],
            "packets": len(self.arrivals),
        }
