"""Test speech: espeak-ng's voices as 48 kHz mono samples."""

from __future__ import annotations

import io
import subprocess
import tempfile
import wave
from functools import lru_cache

import numpy as np
from av import AudioFrame
from av.audio.resampler import AudioResampler

from .peer import RATE, Pcm


@lru_cache
def speech(text: str, voice: str) -> Pcm:
    """`text` in an espeak-ng voice such as `en-us` or `es`, without the silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-w", file.name], input=text.encode(), check=True)
        content = file.read()
    with wave.open(io.BytesIO(content)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    pcm = np.concatenate([part.to_ndarray().reshape(-1) for part in parts]).astype(np.int16)
    loud = np.flatnonzero(np.abs(pcm) > 100)
    return pcm[loud[0] : loud[-1] + 1]
