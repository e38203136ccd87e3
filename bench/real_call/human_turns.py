"""Turns of a human voice: recordings as the load plays them, with the time of each sentence. Pure.

No recording tells when its words were said. Whisper's word times place them within a tenth of a second or two, and the
pauses of the voice itself place the ends of sentences within 10 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

from bench.real_call.kinds import sentences
from pipeline import speech
from testing.real_material import LANGUAGE, Prompt
from testing.resampling import resampled
from testing.spoken_turns import RATE, SOUNDING, Clause, Pcm, Said, Turn, Word
from testing.words import words

PAUSE_S = 0.15
"""A silence of this length may lie between two sentences."""
NEAR_S = 0.6
"""Time by which such a silence may lie outside of where the word times put the end of a sentence."""
_TAIL_S = 0.2
_FRAME = RATE // 100


def turn(prompt: Prompt, heard: Sequence[speech.Word]) -> Turn:
    """Return a recording as one person's turn. `heard`: the words of a recogniser, with their times in it."""
    sound = resampled(np.frombuffer(prompt.audio, np.int16), speech.SAMPLE_RATE, RATE)
    voiced = np.flatnonzero(np.abs(sound) > SOUNDING)
    first, last = int(voiced[0]) / RATE, (int(voiced[-1]) + 1) / RATE
    texts = sentences(prompt.text)
    times = sentence_times(texts, heard, pauses(sound), first, last)
    said = tuple(Said(Clause(text, ""), start, end) for text, (start, end) in zip(texts, times, strict=True))
    audio = np.concatenate([sound[: int(voiced[-1]) + 1], np.zeros(int(_TAIL_S * RATE), np.int16)])
    return Turn(prompt.name, LANGUAGE, audio, said, tuple(word for one in said for word in _words(one)))


def sentence_times(
    texts: Sequence[str],
    heard: Sequence[speech.Word],
    silences: Sequence[tuple[float, float]],
    first: float,
    last: float,
) -> list[tuple[float, float]]:
    """Return start and end of each sentence, s, between the first and the last sound of all.

    A sentence ends where the longest of the silences near its last word begins. Without one its word times hold.
    """
    said = [(word, number) for number, text in enumerate(texts) for word in words(text)]
    ends = _word_ends([word for word, _ in said], heard, first, last)
    edges = [first]
    for number in range(len(said) - 1):
        if said[number][1] == said[number + 1][1]:
            continue
        at = max(edges[-1], ends[number])
        near = [one for one in silences if edges[-1] < one[0] <= at + NEAR_S and at - NEAR_S < one[1]]
        pause: tuple[float, float] = max(near, key=_length) if near else (at, at)
        edges += pause
    edges.append(last)
    return list(zip(edges[::2], edges[1::2], strict=True))


def pauses(sound: Pcm) -> list[tuple[float, float]]:
    """Return start and end, s, of each inner silence of `PAUSE_S` and more in audio at `RATE`."""
    peaks = np.abs(sound[: len(sound) // _FRAME * _FRAME]).reshape(-1, _FRAME).max(axis=1)
    loud = np.flatnonzero(peaks > SOUNDING)
    step = _FRAME / RATE
    return [
        (float(one + 1) * step, float(other) * step)
        for one, other in pairwise(loud)
        if (other - one - 1) * step >= PAUSE_S
    ]


def _word_ends(said: Sequence[str], heard: Sequence[speech.Word], first: float, last: float) -> list[float]:
    """Return the end of each word that was said, s; between words that were heard, those of all others are even."""
    told = [(word, one.end_ms / 1000) for one in heard for word in words(one.text)]
    matcher = SequenceMatcher(None, said, [word for word, _ in told], autojunk=False)
    known = {
        block.a + offset: told[block.b + offset][1]
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
    places = {-1: first, **known, len(said) - 1: last}
    numbers = sorted(places)
    ends = np.interp(np.arange(len(said)), numbers, [places[number] for number in numbers])
    return [float(end) for end in np.maximum.accumulate(np.clip(ends, first, last))]


def _length(span: tuple[float, float]) -> float:
    return span[1] - span[0]


def _words(said: Said) -> list[Word]:
    """Return the words of a sentence. They share its length evenly."""
    texts = said.clause.text.split()
    step = (said.end - said.start) / len(texts)
    return [Word(one, said.start + n * step, said.start + (n + 1) * step) for n, one in enumerate(texts)]
