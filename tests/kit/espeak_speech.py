"""Speech for the tests: espeak-ng's voices as a microphone would hand them to recognition."""

from functools import cache

import numpy as np

from pipeline.engines.voices.espeak import Espeak
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Synthesize
from testing.resampling import resampled


@cache
def say(text: str, language: str, voice: str = "") -> bytes:
    """Mono s16 at 16 kHz, without silence at the ends."""
    speech = Espeak().synthesize([Synthesize(text, language, voice)])[0]
    return resampled(np.frombuffer(speech.pcm, np.int16), VOICE_RATE).tobytes()


def silence(seconds: float) -> bytes:
    return bytes(2 * int(seconds * SAMPLE_RATE))


def noise(seconds: float, rms: float) -> bytes:
    """White noise, the same each time; `rms` in int16 units."""
    samples = np.random.default_rng(7).normal(0, rms, int(seconds * SAMPLE_RATE))
    return samples.clip(-32768, 32767).astype(np.int16).tobytes()


def sine(hz: float, seconds: float, amplitude: float = 5000) -> bytes:
    time_s = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * hz * time_s) * amplitude).astype(np.int16).tobytes()
