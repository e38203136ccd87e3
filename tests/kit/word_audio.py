"""Words as audio: a mouth that says them, a recogniser that hears what there is of them, and a voice.

Every sample of a word's audio is the word's own number, so a window that was cut anywhere is heard honestly: a
word that is cut in two is a scrap, a mark is known once something follows it, and times are true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np

from pipeline.speech import (
    FRAME_MS,
    SAMPLE_RATE,
    VOICE_RATE,
    Speech,
    Synthesize,
    Transcribe,
    Transcript,
    Translate,
    Translation,
    Word,
)
from pipeline.text.segmenter import unspaced

_FIRST = 8000  # the samples of word 0: loud enough to be voice
_PER_MS = SAMPLE_RATE // 1000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MARKS = ".,!?;:…。，！？"
_HEARD = 0.7
"""The share of a word that must be heard to understand it."""
_FOLLOWED_MS = 80
"""Silence behind a word after which its mark is heard."""


def plain_word(number: int) -> str:
    """Return a word of its own for each number below 26³, without a digit: it has no value, as nearly all words."""
    return "v" + "".join(_LETTERS[number // power % 26] for power in (676, 26, 1))


def number_of(word: str) -> int:
    """Return the number that made a plain word."""
    return sum(_LETTERS.index(letter) * power for letter, power in zip(word[1:4], (676, 26, 1), strict=True))


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a script."""

    number: int
    text: str
    ms: int

    @property
    def pcm(self) -> bytes:
        return np.full(self.ms * _PER_MS, _FIRST + self.number, np.int16).tobytes()


@dataclass(slots=True)
class Script:
    """All words that are said in a test."""

    language: str = "en"
    words: list[Said] = field(default_factory=list)

    def write(self, text: str, each_ms: int = 300) -> list[Said]:
        """The text's words, `each_ms` long (a multiple of 20), as the next of the script."""
        assert each_ms % FRAME_MS == 0
        texts = list(text) if unspaced(self.language) else text.split()
        return [self.add(word, each_ms) for word in texts]

    def add(self, text: str, ms: int) -> Said:
        self.words.append(Said(len(self.words), text, ms))
        return self.words[-1]


def plain(texts: Iterable[str]) -> str:
    """Letters and digits alone: what was said, however it was cut and marked."""
    return "".join(char for text in texts for char in text.casefold() if char.isalnum())


Noise = Callable[[list[Word], Transcribe], list[Word]]


class Recogniser:
    """An engine in the loop that hears a script's words. `seconds(audio seconds)` is how long a pass takes;
    `stops` are words behind which it puts a full stop where only silence follows; `noise` changes what was heard."""

    pairs: frozenset[tuple[str, str]] = frozenset()

    def __init__(
        self,
        script: Script,
        *,
        seconds: Callable[[float], float] = lambda audio: 0.0,
        stops: Iterable[int] = (),
        noise: Noise = lambda words, job: words,
        verdict: Callable[[Transcript, Transcribe], Transcript] = lambda heard, job: heard,
        languages: Iterable[str] = ("en", "es", "zh"),
    ) -> None:
        self.languages = frozenset(languages)
        self.script = script
        self.stops = set(stops)
        self._seconds, self._noise, self._verdict = seconds, noise, verdict

    async def __call__(self, job: Transcribe) -> Transcript:
        heard = self.hear(job)
        await asyncio.sleep(self._seconds(len(job.audio) / 2 / SAMPLE_RATE))
        return self._verdict(heard, job)

    def hear(self, job: Transcribe) -> Transcript:
        words = self._noise(self._words(job.audio), job)
        text = "".join(word.text for word in words).strip()
        if not text:
            return Transcript("", job.language, 0.0, understood=False)
        return Transcript(text, job.language, 0.9, words=tuple(words))

    def _words(self, audio: bytes) -> list[Word]:
        values = np.frombuffer(audio, np.int16)[::_PER_MS]
        edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)] if len(values) else []
        runs = [(int(values[a]) - _FIRST, a, b) for a, b in pairwise(edges)]
        words = []
        for place, (number, start, end) in enumerate(runs):
            if number < 0:
                continue
            said = self.script.words[number]
            silence = place + 1 < len(runs) and runs[place + 1][0] < 0
            followed = place + 1 < len(runs) and not (silence and runs[place + 1][2] - end < _FOLLOWED_MS)
            last = silence and place + 2 == len(runs)
            text = self._text(said, (end - start) / said.ms, start > 0, followed, last)
            if text:
                words.append(Word(text if unspaced(self.script.language) else f" {text}", start, end, 0.9))
        return words

    def _text(self, said: Said, share: float, begun: bool, followed: bool, last: bool) -> str:
        bare = said.text.rstrip(_MARKS)
        if share < _HEARD:
            return bare[: int(len(bare) * share)] if begun else ""
        if not followed:
            return bare
        return f"{bare}." if last and said.number in self.stops else said.text


class Translating:
    """A translator in the loop: the same words in capitals, on purpose."""

    languages: frozenset[str] = frozenset()

    def __init__(
        self, *, seconds: float = 0.0, pairs: Iterable[tuple[str, str]] = (("en", "es"), ("es", "en"))
    ) -> None:
        self.pairs = frozenset(pairs)
        self.seconds = seconds

    async def __call__(self, job: Translate) -> Translation:
        await asyncio.sleep(self.seconds)
        return Translation(job.text.upper(), job.source, job.target, kept=True)


class Voice:
    """A synthesizer in the loop, whose audio tells its text. `word_s`: a word's length at the normal tempo."""

    pairs: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, *, seconds: float = 0.0, word_s: float = 0.3, languages: Iterable[str] = ("en", "es")) -> None:
        self.languages = frozenset(languages)
        self.seconds, self.word_s = seconds, word_s
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    async def __call__(self, job: Synthesize) -> Speech:
        await asyncio.sleep(self.seconds)
        number = self._numbers.setdefault(job.text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(job.text)
        words = len(list(job.text) if unspaced(job.language) else job.text.split())
        return Speech(_constant(number % 30_000, int(words * self.word_s / job.rate * VOICE_RATE)))

    def read(self, speech: Speech) -> str:
        """The text of its audio."""
        return self.texts[int(np.frombuffer(speech.pcm[:2], np.int16)[0])]


@cache
def _constant(value: int, samples: int) -> bytes:
    return np.full(samples, value, np.int16).tobytes()
