"""A loudspeaker beside a microphone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from media.playout import VOICE_FRAME_BYTES
from pipeline.speech import FRAME_SAMPLES, SAMPLE_RATE, VOICE_RATE
from testing.disturbances import Sound

_TAPS = 48

_REFLECTIONS = ((0.0, 1.0), (0.007, 0.4), (0.019, 0.25))  # seconds after the direct sound, and how much of it


@dataclass(slots=True)
class Loudspeaker:
    """Gives what is played back to the microphone: later, softer, without its lowest and highest tones."""

    delay: float = 0.1
    """s from the frame that leaves the server to the one that comes back."""
    gain_db: float = -10.0
    on: bool = False
    _air: Sound = field(default_factory=lambda: np.zeros(SAMPLE_RATE, np.float32))
    _at: int = 0
    _before: Sound = field(default_factory=lambda: np.zeros(_TAPS, np.float32))

    def play(self, pcm: bytes) -> None:
        """Play 20 ms at `VOICE_RATE`; empty is silence."""
        played = np.frombuffer(pcm or bytes(VOICE_FRAME_BYTES), np.int16).astype(np.float32)
        whole = np.concatenate((self._before, played))
        self._before = whole[-_TAPS:]
        heard = np.convolve(whole, _LOUDSPEAKER, "valid")[1:]
        lowered = np.interp(np.arange(FRAME_SAMPLES) * VOICE_RATE / SAMPLE_RATE, np.arange(len(heard)), heard)
        for later, share in _REFLECTIONS:
            start = self._at + round((self.delay + later) * SAMPLE_RATE)
            self._air[(start + np.arange(FRAME_SAMPLES)) % len(self._air)] += (
                share * 10 ** (self.gain_db / 20) * lowered * self.on
            )

    def at_microphone(self) -> Sound:
        """Return the next 20 ms at `SAMPLE_RATE`."""
        places = (self._at + np.arange(FRAME_SAMPLES)) % len(self._air)
        heard = self._air[places].copy()
        self._air[places] = 0
        self._at += FRAME_SAMPLES
        return heard


def _loudspeaker() -> Sound:
    """Return a linear-phase band-pass of 200-6500 Hz at `VOICE_RATE`, by windowed sincs."""
    time = np.arange(_TAPS) - (_TAPS - 1) / 2
    high, low = (2 * hz / VOICE_RATE * np.sinc(2 * hz / VOICE_RATE * time) for hz in (6500, 200))
    band: Sound = ((high - low) * np.hamming(_TAPS)).astype(np.float32)
    return band


_LOUDSPEAKER = _loudspeaker()
