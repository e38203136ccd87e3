"""Refuses text that a recogniser invents from noise or silence: loops, impossibly fast speech. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline.text.segmenter import unspaced

# A phrase of n words said so often in a row is a loop of the decoder; people say "no, no, no, no".
_LOOPS = {1: 7, 2: 4, 3: 3, 4: 3, 5: 3, 6: 3}
_CHARS_PER_SECOND, _UNSPACED_PER_SECOND = 32.0, 14.0
_SLACK_CHARS = 16


def loops(text: str) -> bool:
    """Return True if a phrase is repeated as only a decoder repeats it."""
    words = re.findall(r"\w+", text.casefold())
    for length, most in _LOOPS.items():
        phrases = [tuple(words[n : n + length]) for n in range(len(words) - length + 1)]
        for phase in range(length):
            run = 1
            for one, other in pairwise(phrases[phase::length]):
                run = run + 1 if one == other else 1
                if run >= most:
                    return True
    return False


def too_fast(text: str, language: str, voiced_ms: float) -> bool:
    """Return True if nobody can say `text` in `voiced_ms` of voice (the fastest reach 20 characters a second)."""
    rate = _UNSPACED_PER_SECOND if unspaced(language) else _CHARS_PER_SECOND
    return len(text.strip()) > _SLACK_CHARS + rate * voiced_ms / 1000


def invented(text: str, language: str, voiced_ms: float) -> bool:
    """Return True if `text` cannot be what was said in `voiced_ms` of voice."""
    return loops(text) or too_fast(text, language, voiced_ms)
