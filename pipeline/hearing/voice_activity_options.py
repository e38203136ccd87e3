"""Options of the voice detector. They are apart from it, so that to read them loads no model's library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VoiceActivityOptions:
    """Options of `VoiceActivity`."""

    aggressiveness: int = 1
    """Mode of webrtcvad, the gate: 0 lets most sound through to Silero, 3 least."""
    on: float = 0.5
    """Probability from which Silero's answer turns to speech, 0..1."""
    off: float = 0.35
    """Probability below which it turns back, 0..1."""
    floor_dbfs: float = -60.0
    """Level (RMS) below which every frame is silence, dB of full scale."""
    gate_ms: int = 200
    """Time without the gate's consent after which Silero rests, and forgets."""
