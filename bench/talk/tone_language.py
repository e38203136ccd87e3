"""A language of tones: a word is a number, spoken as a pure tone of that frequency (Hz).

Each source word has its own number, whatever stands beside it, so every way to cut a sentence has a right
translation; and the ear can tell from the recording alone which words it heard.
"""

from __future__ import annotations

import re
import zlib

import numpy as np

from pipeline.engines.scripted import tone
from pipeline.speech import SAMPLE_RATE, VOICE_RATE
from testing.recordings import Samples
from testing.words import words

LOWEST, STEP, COUNT = 400, 25, 80  # Hz
WORD_S, GAP_S = 0.22, 0.04
FRAME = SAMPLE_RATE // 100
SOUNDING = 0.01


def translation(text: str) -> str:
    """Return the numbers of a text's words."""
    return " ".join(str(LOWEST + STEP * (zlib.crc32(word.encode()) % COUNT)) for word in words(text))


def speech(text: str) -> bytes:
    """Return the tones of a text's numbers, mono s16 at `VOICE_RATE`."""
    gap = bytes(2 * int(GAP_S * VOICE_RATE))
    return b"".join(tone(float(number), WORD_S) + gap for number in re.findall(r"\d+", text))


class ToneRecogniser:
    """A recogniser of tones, in the place of `testing.bundled_recogniser.BundledRecogniser`."""

    def words_in(self, sound: Samples, _language: str) -> str:
        """Return the numbers of the tones in a piece of audio at `SAMPLE_RATE`."""
        frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
        loud = np.sqrt((frames**2).mean(axis=1)) > SOUNDING if len(frames) else np.zeros(0, bool)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
        heard = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start >= WORD_S * 50:  # half of it
                hertz = _strongest(sound[start * FRAME : end * FRAME])
                heard.append(str(LOWEST + STEP * round((hertz - LOWEST) / STEP)))
        return " ".join(heard)


def _strongest(sound: Samples) -> float:
    size = 1 << 15
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size))
    return float(np.argmax(spectrum) * SAMPLE_RATE / size)
