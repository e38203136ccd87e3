"""What an ear received, judged from the recording alone: which words, when, and how alike to another sound."""

from __future__ import annotations

import re
import unicodedata
import wave
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.engines import Transcriber
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import SAMPLE_RATE, Transcribe
from pipeline.text.word_errors import word_errors as counted

Samples = NDArray[np.float32]
VOICED = 0.01  # -40 dBFS


def words(text: str) -> list[str]:
    """Lower-case words without punctuation; accents count."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def word_errors(said: str, understood: str) -> int:
    """In words, case and marks aside."""
    return counted(words(said), words(understood))


def share_heard(expected: str, heard: str) -> float:
    """The share of the expected words that are among those heard."""
    wanted, found = Counter(words(expected)), Counter(words(heard))
    return sum((wanted & found).values()) / max(1, wanted.total())


def load(file: Path) -> Samples:
    """A mono WAV file at `SAMPLE_RATE`, -1..1."""
    with wave.open(str(file), "rb") as opened:
        rate = opened.getframerate()
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(opened.readframes(opened.getnframes()), np.int16)[None], "s16", "mono"
        )
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    parts = [out.to_ndarray()[0].astype(np.float32) for piece in (frame, None) for out in resampler.resample(piece)]
    return (np.concatenate(parts) / np.float32(32768)).astype(np.float32)


def voiced_ms(sound: Samples) -> int:
    """Milliseconds of 20 ms frames that are louder than -40 dBFS."""
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    return int((np.sqrt((frames**2).mean(axis=1)) > VOICED).sum()) * 20 if len(frames) else 0


def speech_end(sound: Samples) -> float:
    """Seconds from the start of a recording to its last voiced sample."""
    voiced = np.flatnonzero(np.abs(sound) > VOICED)
    return float(voiced[-1] + 1) / SAMPLE_RATE if len(voiced) else 0.0


def find(sound: Samples, within: Samples) -> tuple[float, float]:
    """Where `sound` lies in `within`: (seconds, likeness 0..1), by normalised cross-correlation."""
    if len(within) < len(sound) or not np.any(within):
        return 0.0, 0.0
    size = 1 << (len(within) + len(sound)).bit_length()
    spectrum = np.fft.rfft(within, size) * np.conj(np.fft.rfft(sound, size))
    correlation = np.fft.irfft(spectrum, size)[: len(within) - len(sound) + 1]
    energy = np.concatenate([[0.0], np.cumsum(within.astype(np.float64) ** 2)])
    under = energy[len(sound) :] - energy[: -len(sound)]
    # A near-silent window must not look alike by its noise.
    floor = 1e-4 * float(np.dot(sound, sound))
    scale = np.sqrt(np.maximum(under[: len(correlation)], floor) * float(np.dot(sound, sound)))
    likeness = np.abs(correlation) / np.maximum(scale, 1e-9)
    best = int(np.argmax(likeness))
    return best / SAMPLE_RATE, float(likeness[best])


class Recogniser:
    """The bundled recogniser in this process, after the call: the server has no part in the verdict."""

    def __init__(self) -> None:
        self._engine = cast(Transcriber, make(EngineSpec("stt", "starter")))

    def words_in(self, sound: Samples, language: str) -> str:
        """The text of a piece of audio at `SAMPLE_RATE`."""
        pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes()
        return self._engine.transcribe([Transcribe(pcm, language)])[0].text


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile, rounded to 0.1; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
