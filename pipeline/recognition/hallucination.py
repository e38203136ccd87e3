"""Refuses text that a recogniser invents from noise or silence: loops, impossibly fast speech. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline.text.segmenter import unspaced

# A phrase of n words said so often in a row is a loop of the decoder; people say "no, no, no, no".
_LOOPS = {1: 7, 2: 4, 3: 3, 4: 3, 5: 3, 6: 3}
_WORD = re.compile(r"\w+")
_CHARS_PER_SECOND, _UNSPACED_PER_SECOND = 32.0, 14.0
_SLACK_CHARS = 16


def loops(text: str) -> bool:
    """Return True if a phrase is repeated as only a decoder repeats it."""
    return _said_once(text) is not None


def unlooped(text: str) -> str:
    """Return the text up to the phrase that only a decoder repeats so often, with that phrase once."""
    until = _said_once(text)
    return text if until is None else text[:until]


def _said_once(text: str) -> int | None:
    """Return the place behind the first of many phrases in a row, in the text as it is; None if nothing loops."""
    found = list(_WORD.finditer(text))
    words = [word[0].casefold() for word in found]
    ends = []
    for length, most in _LOOPS.items():
        phrases = [tuple(words[n : n + length]) for n in range(len(words) - length + 1)]
        for phase in range(length):
            run = 1
            for number, (one, other) in enumerate(pairwise(phrases[phase::length]), 1):
                run = run + 1 if one == other else 1
                if run >= most:
                    ends.append(found[phase + (number - most + 2) * length - 1].end())
                    break
    return min(ends, default=None)


def too_fast(text: str, language: str, voiced_ms: float) -> bool:
    """Return True if nobody can say `text` in `voiced_ms` of voice (the fastest reach 20 characters a second)."""
    rate = _UNSPACED_PER_SECOND if unspaced(language) else _CHARS_PER_SECOND
    return len(text.strip()) > _SLACK_CHARS + rate * voiced_ms / 1000


def invented(text: str, language: str, voiced_ms: float) -> bool:
    """Return True if `text` cannot be what was said in `voiced_ms` of voice."""
    return loops(text) or too_fast(text, language, voiced_ms)
