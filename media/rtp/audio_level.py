"""Decides whether a packet's audio level (RFC 6464) may spare its decoding. The level is a client's hint, no more."""

from __future__ import annotations

from media.rtp.media_clock import FRAME_TICKS
from media.rtp.packets import RtpPacket
from pipeline.hearing.energy import Energy
from pipeline.speech import FRAME_SAMPLES

SILENT_LEVEL = 90
"""-dBov at and beyond which a small packet is not decoded; digital near-silence, well below any voice."""
SILENT_BYTES = 8
"""Payload of 20 ms up to which any level is believed: 3.2 kbit/s. Opus codes voice with 6 kbit/s or more (RFC 6716,
2.1.1)."""
SHOWN_BYTES = 24
"""The same for a source whose levels were right for a voice: encoders with FEC write as many bytes for silence."""
VOICED_LEVEL = 60
LOUD_RMS = 33.0
"""Amplitude, -60 dBFS, from which decoded audio is not silence. The voice detector has the same floor."""
LIES_IN_A_ROW = 5
"""Loud frames in a row with a silent level that refute it. One or two follow each voice: the codec's delay."""


class AudioLevelHint:
    """Belief in the audio levels of one source."""

    def __init__(self) -> None:
        self.believed = True
        self._lies = 0
        self._limit = SILENT_BYTES
        self._energy = Energy(FRAME_SAMPLES)

    def silences(self, packet: RtpPacket, ticks: int) -> bool:
        """True if a packet of `ticks` (48 kHz) need not be decoded: its level is silent, and it can hold no voice."""
        level = packet.level
        if level is None or level < SILENT_LEVEL or not self.believed:
            return False
        return len(packet.payload) * FRAME_TICKS <= self._limit * ticks

    def refuted_by(self, packet: RtpPacket, pcm: bytes) -> bool:
        """True once decoded audio (s16) has shown that the levels of this source are wrong."""
        level = packet.level
        if level is None or not self.believed:
            return False
        if level >= SILENT_LEVEL:
            self._lies = self._lies + 1 if self._loud(pcm) else 0
            self.believed = self._lies < LIES_IN_A_ROW
        elif level < VOICED_LEVEL and self._limit == SILENT_BYTES and self._loud(pcm):
            self._limit = SHOWN_BYTES
        return not self.believed

    def _loud(self, pcm: bytes) -> bool:
        return self._energy.of(pcm) >= LOUD_RMS * LOUD_RMS * max(1, len(pcm) // 2)
