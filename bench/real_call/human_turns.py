"""Turns of a human voice: recorded prompts as the load plays them, of one sentence and of several."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.speech import SAMPLE_RATE
from testing.real_material import LANGUAGE, Prompt
from testing.resampling import resampled
from testing.spoken_turns import RATE, SOUNDING, Clause, Said, Turn, Word

KINDS = ("single", "several")
LONGEST_S = {"single": 8.0, "several": 20.0}
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
_TAIL_S = 0.2


def chosen(prompts: Sequence[Prompt], kind: str, count: int) -> list[Prompt]:
    """Return `count` prompts of a kind, evenly spread over all of them by name."""
    fitting = [one for one in prompts if kind_of(one.text) == kind and one.seconds <= LONGEST_S[kind]]
    step = max(1, len(fitting) // count)
    return fitting[::step][:count]


def kind_of(text: str) -> str:
    """Return `several` for a text with a sentence end inside, else `single`."""
    return "several" if len(_SENTENCE_END.findall(text)) > 1 else "single"


def turn(prompt: Prompt) -> Turn:
    """Return a prompt as one person's turn. Nothing says when its words were said: they share its length evenly."""
    sound = resampled(np.frombuffer(prompt.audio, np.int16), SAMPLE_RATE, RATE)
    voiced = np.flatnonzero(np.abs(sound) > SOUNDING)
    start, end = int(voiced[0]) / RATE, (int(voiced[-1]) + 1) / RATE
    texts = prompt.text.split()
    step = (end - start) / len(texts)
    words = tuple(Word(one, start + n * step, start + (n + 1) * step) for n, one in enumerate(texts))
    audio = np.concatenate([sound[: int(voiced[-1]) + 1], np.zeros(int(_TAIL_S * RATE), np.int16)])
    return Turn(prompt.name, LANGUAGE, audio, (Said(Clause(prompt.text, ""), start, end),), words)
