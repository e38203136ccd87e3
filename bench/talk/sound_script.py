"""The words of a sound that is in the script of a run: a recogniser that makes no mistakes.

The audio of a job is found in the audio of all turns by normalised cross-correlation, at 2 kHz; then the words
are known whose end lies within the job, and no others: an interim is answered with what could have been heard so
far. A place that was found once is tried first when the same utterance comes again, longer. Turns may share a
sentence: where the end sounds otherwise, it is looked for again. Words after a turn's end are looked for by themselves.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE
from testing.spoken_turns import RATE, Turn

LOW = 2000  # Hz
BETWEEN = 3 * LOW  # samples of silence between turns
APART = LOW  # samples of silence that are in no turn
LIKE, SURE = 0.5, 0.8
LOUD = 0.006  # RMS of 20 ms, -44 dBFS
FRAME = LOW // 50
LEAST = LOW // 5  # samples of sound that can be told from others
LONGEST = 6 * LOW  # samples that are searched for
END = LOW  # samples
PHASES = 4  # within a sample: half of one makes a sound at 500 Hz unlike itself
EARLIER_MS, LATER_MS = 60, 20  # tolerance of a word's edges

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word of the script; milliseconds from the start of the audio it was asked of."""

    text: str
    start_ms: int
    end_ms: int


def lowered(samples: NDArray[np.int16], rate: int) -> Sound:
    """Return sound at `LOW` Hz, -1..1, by plain averaging."""
    step = rate // LOW
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    low: Sound = (whole.mean(axis=1) / 32768).astype(np.float32)
    return low


def write(folder: Path, turns: Sequence[Turn]) -> None:
    """Write one library for each language."""
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
        # Made once: a search takes place in the time of a recognition, and is to cost next to nothing.
        self._size = 1 << (len(self._sound) + LONGEST).bit_length()
        self._spectrum = np.fft.rfft(self._sound, self._size)
        self._energy = np.concatenate([[0.0], np.cumsum(self._sound.astype(np.float64) ** 2)])

    def words(self, audio: bytes) -> list[Spoken]:
        """Return the words that lie wholly in s16 audio at `SAMPLE_RATE`; none where it isn't of this script."""
        samples = np.frombuffer(audio[: len(audio) // 2 * 2], np.int16)
        step = SAMPLE_RATE // LOW // PHASES
        sounds = [lowered(samples[phase * step :], SAMPLE_RATE) for phase in range(PHASES)]
        parts = _parts(sounds[0])
        edges = [0, *((one[1] + other[0]) // 2 for one, other in pairwise(parts)), len(sounds[0])]
        found: list[Spoken] = []
        for (first, last), (begin, end) in zip(parts, pairwise(edges), strict=False):
            at = self._place(sounds, first, last)
            if at is not None:
                found += self._between(at, begin, end)
        return found

    def _between(self, at: int, begin: int, end: int) -> list[Spoken]:
        """Return the words between two samples of the audio, which begins at `at` in the library."""
        zero, since, until = at / LOW, (at + begin) / LOW, (at + end) / LOW
        return [
            Spoken(text, max(0, round((start - zero) * 1000)), round((end - zero) * 1000))
            for text, start, end in self._words
            if start >= since - EARLIER_MS / 1000 and end <= until + LATER_MS / 1000
        ]

    def _place(self, sounds: Sequence[Sound], first: int, last: int) -> int | None:
        """Return the sample of the library at which the audio begins, found by its part from `first` to `last`."""
        likely = {at: self._alike(sounds, at, first, last) for at in self._recent}
        if last - first >= LEAST and not any(min(one) > SURE for one in likely.values()):
            found = self._find(sounds[0][first : min(last, first + LONGEST)]) - first
            likely |= {at: self._alike(sounds, at, first, last) for at in (found, found + 1)}  # the library's own phase
        best = max(likely, key=lambda at: likely[at], default=0)
        if not likely or likely[best][0] < LIKE:
            return None
        if best not in self._recent:
            self._recent.appendleft(best)
        return best

    def _find(self, sound: Sound) -> int:
        """Return the sample from which on the library is most like this sound, by normalised cross-correlation."""
        places = len(self._sound) - len(sound) + 1
        alike = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(sound, self._size)), self._size)[:places]
        power = float(np.dot(sound, sound))
        under = self._energy[len(sound) :] - self._energy[: -len(sound)]
        # Silence must not look alike by its noise.
        return int(np.argmax(alike / np.sqrt(np.maximum(under, 1e-4 * power) * power)))

    def _alike(self, sounds: Sequence[Sound], at: int, first: int, last: int) -> tuple[float, float]:
        """Return the likeness of the sounds and the library between two samples, 0..1: of all, and of the end.

        The end counts by itself, since turns may begin alike.
        """
        if at + first < 0 or at + last > len(self._sound):
            return 0.0, 0.0
        theirs = self._sound[at + first : at + last]
        mine = (sound[first:last] for sound in sounds)
        return max((_likeness(one, theirs), _likeness(one[-END:], theirs[-END:])) for one in mine)


def _parts(sound: Sound) -> list[tuple[int, int]]:
    """Return first and last sample of each part with sound, between silences that are in no turn."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > LOUD) if len(frames) else np.zeros(0, np.int64)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) * FRAME > APART)
    firsts, lasts = loud[np.r_[0, breaks + 1]], loud[np.r_[breaks, -1]]
    return [(int(one) * FRAME, (int(other) + 1) * FRAME) for one, other in zip(firsts, lasts, strict=True)]


def _likeness(mine: Sound, theirs: Sound) -> float:
    theirs = theirs[: len(mine)]
    power = float(np.sqrt(np.dot(mine, mine) * np.dot(theirs, theirs)))
    return float(np.dot(mine, theirs)) / power if power > 0 else 0.0
