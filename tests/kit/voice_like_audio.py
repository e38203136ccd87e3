"""Something like speech at 48 kHz for codecs: a gliding voice with formants, deterministic."""

import numpy as np

RATE = 48_000


def speech48k(seconds: float = 1.0, pitch: float = 130.0) -> bytes:
    """Mono s16. Harmonics of a gliding pitch under a syllable envelope: Opus takes it for a voice (SILK)."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.15 * np.sin(2 * np.pi * 2 * time_s))) / RATE
    voice = sum(np.sin(k * phase) * np.exp(-(((k * pitch - 700) / 900) ** 2)) for k in range(1, 25))
    envelope = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time_s - np.pi / 2)
    return (voice / np.abs(voice).max() * envelope * 12_000).astype(np.int16).tobytes()
