"""What is being said, told from the sound: the script of a run as a recogniser that makes no mistakes.

The audio of a job is found in the audio of all turns by normalised cross-correlation, at 2 kHz; then the words
are known whose end lies within the job, and no others: an interim is answered with what could have been heard so
far. What was found once is tried first when the same utterance comes again, longer.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.interpreting.voice import RATE, Turn
from bench.listening import find
from pipeline.speech import SAMPLE_RATE

LOW = 2000  # Hz
BETWEEN = 3 * LOW  # samples of silence between turns
LIKE = 0.5
LOUD = 0.006  # RMS of 20 ms, -44 dBFS
LEAST = LOW // 5  # samples of sound that can be told from others
LONGEST = 6 * LOW  # samples that are searched for
EARLIER_MS, LATER_MS = 60, 20  # tolerance of a word's edges

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word of the script; milliseconds from the start of the audio it was asked of."""

    text: str
    start_ms: int
    end_ms: int


def lowered(samples: NDArray[np.int16], rate: int) -> Sound:
    """At `LOW` Hz, -1..1, by plain averaging."""
    step = rate // LOW
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    low: Sound = (whole.mean(axis=1) / 32768).astype(np.float32)
    return low


def write(folder: Path, turns: Sequence[Turn]) -> None:
    """One library for each language."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in sorted({turn.language for turn in turns}):
        pieces = [np.zeros(BETWEEN, np.float32)]
        words: list[tuple[str, float, float]] = []
        for turn in turns:
            if turn.language == language:
                zero = sum(map(len, pieces)) / LOW
                pieces += [lowered(turn.audio, RATE), np.zeros(BETWEEN, np.float32)]
                words += [(word.text, zero + word.start, zero + word.end) for word in turn.words]
        np.save(folder / f"{language}.npy", np.concatenate(pieces))
        (folder / f"{language}.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


class Script:
    """One language's library."""

    def __init__(self, folder: Path, language: str) -> None:
        self._sound: Sound = np.load(folder / f"{language}.npy")
        self._words = [tuple(one) for one in json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))]
        self._recent: deque[int] = deque(maxlen=16)

    def words(self, audio: bytes) -> list[Spoken]:
        """The words that lie wholly in s16 audio at `SAMPLE_RATE`; none where it isn't of this script."""
        sound = lowered(np.frombuffer(audio[: len(audio) // 2 * 2], np.int16), SAMPLE_RATE)
        at = self._place(sound)
        if at is None:
            return []
        since, until = at / LOW, (at + len(sound)) / LOW
        return [
            Spoken(text, max(0, round((start - since) * 1000)), round((end - since) * 1000))
            for text, start, end in self._words
            if start >= since - EARLIER_MS / 1000 and end <= until + LATER_MS / 1000
        ]

    def _place(self, sound: Sound) -> int | None:
        """The sample of the library at which the audio begins."""
        frames = sound[: len(sound) // 40 * 40].reshape(-1, 40)
        loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > LOUD) if len(frames) else np.zeros(0, np.int64)
        if not len(loud):
            return None
        first, last = int(loud[0]) * 40, int(loud[-1] + 1) * 40
        for at in self._recent:
            if self._alike(sound, at, first, last):
                return at
        if last - first < LEAST:
            return None
        seconds, likeness = find(sound[first : min(last, first + LONGEST)], self._sound)
        if likeness < LIKE:
            return None
        at = round(seconds * SAMPLE_RATE) - first  # `find` counts samples as if they were at SAMPLE_RATE
        self._recent.appendleft(at)
        return at

    def _alike(self, sound: Sound, at: int, first: int, last: int) -> bool:
        """Whether the audio's sounding part is the library's at that place."""
        if at + first < 0 or at + last > len(self._sound):
            return False
        mine, theirs = sound[first:last], self._sound[at + first : at + last]
        power = float(np.sqrt(np.dot(mine, mine) * np.dot(theirs, theirs)))
        return power > 0 and float(np.dot(mine, theirs)) / power > LIKE
