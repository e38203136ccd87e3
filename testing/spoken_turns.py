"""Speech to be interpreted: clauses by espeak-ng, joined with known pauses, so that every mouth time is exact.

Each clause is synthesised alone, trimmed to its first and last sounding sample, and put after the one before
with the wanted pause of faint noise. Voices and sentences are kept out of the training of the bundled models.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clients.sound.wav import load

RATE = 48_000
TEMPO = "155"  # words per minute, as in the demo
SOUNDING = 327  # of int16: -40 dBFS, what `testing.recordings` calls voiced
NOISE = 8  # RMS of int16, about -72 dBFS: a quiet room
LEVEL = 2300  # RMS of int16 of what sounds: -23 dBFS

Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence of the phrasebook, and its right translation, word for word."""

    text: str
    translation: str


@dataclass(frozen=True, slots=True)
class Said:
    """A clause on its way to the server, in seconds from the start of its turn's audio."""

    clause: Clause
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written, with its punctuation, in seconds from the start of its turn's audio.

    espeak-ng tells no times of words. Each word gets the share of its piece of speech that it has of the piece's
    letters (±50 ms).
    """

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's speech without a break or with a few: 48 kHz mono, and the place of each clause in it.

    `pauses` are the inner pauses in ms, in order.
    """

    name: str
    language: str
    audio: Pcm
    said: tuple[Said, ...]
    words: tuple[Word, ...]
    pauses: tuple[int, ...] = ()

    @property
    def first_word(self) -> float:
        """Seconds to the end of the first word."""
        return self.words[0].end

    @property
    def end(self) -> float:
        """Seconds to the end of the last clause."""
        return self.said[-1].end

    @property
    def seconds(self) -> float:
        return len(self.audio) / RATE


@cache
def speak(text: str, voice: str) -> Pcm:
    """Return a piece of text by espeak-ng at 48 kHz, trimmed to its sounding samples, at a common level."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        command = ["espeak-ng", "-v", voice, "-s", TEMPO, "--stdin", "-w", str(file)]
        subprocess.run(command, input=text.encode(), check=True, timeout=30)
        audio = load(file).astype(np.float32)
    loud = np.flatnonzero(np.abs(audio) > SOUNDING / 4)
    audio = audio[loud[0] : loud[-1] + 1]
    level = float(np.sqrt(np.mean(audio[np.abs(audio) > SOUNDING / 4] ** 2)))
    scaled = np.clip(audio * (LEVEL / level), -32767, 32767).astype(np.int16)
    sounding = np.flatnonzero(np.abs(scaled) > SOUNDING)
    piece: Pcm = scaled[sounding[0] : sounding[-1] + 1]
    return piece


def turn(
    name: str,
    language: str,
    voice: str,
    clauses: list[Clause],
    *,
    pauses: list[int] | None = None,
    lead_ms: int = 100,
    tail_ms: int = 200,
    commas: int = 0,
) -> Turn:
    """Return clauses one after another, `pauses` (ms) between them.

    Each `commas`th clause, but the last one, is spoken as if it ended with a comma.
    """
    gaps = list(pauses or [])
    pieces = [_silence(lead_ms)]
    said: list[Said] = []
    spoken: list[Word] = []
    for number, clause in enumerate(clauses):
        if number:
            pieces.append(_silence(gaps[number - 1]))
        at = sum(map(len, pieces))
        comma = commas and number % commas == commas - 2 and number + 1 < len(clauses)
        pieces.append(speak(clause.text.rstrip(".!?") + "," if comma else clause.text, voice))
        said.append(Said(clause, at / RATE, (at + len(pieces[-1])) / RATE))
        spoken += _words(clause.text, said[-1].start, said[-1].end)
    pieces.append(_silence(tail_ms))
    return Turn(name, language, _over_noise(name, pieces), tuple(said), tuple(spoken), tuple(gaps))


def hesitating(
    name: str, language: str, voice: str, clause: Clause, *, after: int, pause_ms: int, lead_ms: int
) -> Turn:
    """Return one clause with a pause after `after` of its words.

    Both halves are spoken alone, the first one with the tone of something that goes on.
    """
    parts = clause.text.split()
    first, rest = " ".join(parts[:after]).rstrip(",;") + ",", " ".join(parts[after:])
    pieces = [_silence(lead_ms), speak(first, voice), _silence(pause_ms), speak(rest, voice)]
    ends = [sum(map(len, pieces[:count])) / RATE for count in range(1, 5)]
    pieces.append(_silence(200))
    spoken = (*_words(" ".join(parts[:after]), ends[0], ends[1]), *_words(rest, ends[2], ends[3]))
    said = Said(clause, ends[0], ends[3])
    return Turn(name, language, _over_noise(name, pieces), (said,), spoken, (pause_ms,))


def _words(text: str, start: float, end: float) -> list[Word]:
    parts = text.split()
    letters = [sum(map(str.isalnum, part)) for part in parts]
    step = (end - start) / sum(letters)
    return [
        Word(part, start + step * sum(letters[:number]), start + step * sum(letters[: number + 1]))
        for number, part in enumerate(parts)
    ]


def _silence(milliseconds: int) -> Pcm:
    return np.zeros(milliseconds * RATE // 1000, np.int16)


def _over_noise(name: str, pieces: list[Pcm]) -> Pcm:
    whole = np.concatenate(pieces).astype(np.float32)
    chance = np.random.default_rng([*name.encode()])
    noisy: Pcm = np.clip(whole + chance.normal(0, NOISE, len(whole)), -32768, 32767).astype(np.int16)
    return noisy
