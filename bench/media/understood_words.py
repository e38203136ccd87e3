"""Words that the bundled recogniser understands of the sound that a server sent back."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.media.received_tones import RATE, Samples
from bench.rtp_load.stimulus import sayings
from pipeline.text.word_errors import word_errors
from testing.bundled_recogniser import BundledRecogniser
from testing.recordings import find
from testing.words import words

BEFORE, AFTER = 0.24, 0.5  # seconds around a sentence, as an endpointer cuts it
SEARCHED = 3.0


def score(groups: list[dict[str, Any]], recogniser: BundledRecogniser) -> list[dict[str, Any]]:
    """Return for each group of recordings the words said and those understood: all less the word errors."""
    scores = []
    for group in groups:
        said = right = 0
        for recording in group["recordings"]:
            heard = np.load(recording["file"]) / np.float32(32768)
            for saying in sayings(recording["part"], group["parts"])[1]:
                count = len(words(saying.text))
                understood = recogniser.words_in(_cut(heard, saying.begins, saying.audio), "en")
                said += count
                right += max(0, count - word_errors(words(saying.text), words(understood)))
        scores.append({"loss": group.get("loss", 0.0), "said": said, "right": right, "share": right / max(1, said)})
    return scores


def _cut(heard: Samples, begins: float, audio: np.ndarray[Any, np.dtype[np.int16]]) -> Samples:
    """Return the part of the recording that is most like the sentence, with a margin around it."""
    sound = audio[::3].astype(np.float32) / np.float32(32768)
    low = max(0, round((begins - 1) * RATE))
    within = heard[low : round((begins + SEARCHED) * RATE) + len(sound)]
    at = low + round(find(sound, within)[0] * RATE)
    piece = heard[max(0, at - round(BEFORE * RATE)) : at + len(sound) + round(AFTER * RATE)]
    return piece if len(piece) > RATE // 10 else np.zeros(RATE, np.float32)
