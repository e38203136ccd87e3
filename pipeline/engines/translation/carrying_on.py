"""Decides what of a whole sentence's translation goes on behind its beginning, which listeners have already. Pure.

For engines that translate nothing but whole texts. They are given the beginning and its continuation together, and the
continuation alone. The cut is where the whole falls best into what listeners have and what the continuation says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.text.segmenter import CLAUSE_MARKS, SENTENCE_MARKS, unspaced

_MOST_CHANGED = 1 / 3
"""Share of the words that listeners have, which the whole may say otherwise."""
_MOST_LOST = 1 / 2
"""Share of the continuation's words that may be others than in its translation alone."""
_REPEATED = 2
"""Weight of a word behind the cut that the continuation alone lacks: it may have been heard already."""


def rest_of(whole: str, begun: str, alone: str, language: str) -> str:
    """Return the part of `whole` behind `begun`. Empty where it says that otherwise, or no more."""
    words = [found.span() for found in re.finditer(r"\S" if unspaced(language) else r"\S+", whole)]
    said = [_folded(whole[start:end]) for start, end in words]
    heard, wanted = _words(begun, language), _words(alone, language)
    before = _distances(heard, said)
    behind = _distances(wanted[::-1], said[::-1])[::-1]
    cut = min(range(len(said) + 1), key=lambda place: before[place] + _REPEATED * behind[place])
    changed = before[cut] > _MOST_CHANGED * len(heard) or behind[cut] > _MOST_LOST * len(wanted)
    return "" if changed or cut == len(said) else going_on(whole[words[cut][0] :])


def going_on(text: str) -> str:
    """Return a continuation without a comma in front. Empty where a sentence ends in front of it."""
    text = text.strip()
    return "" if text[:1] in SENTENCE_MARKS else text.lstrip(CLAUSE_MARKS + " ")


def _words(text: str, language: str) -> list[str]:
    return [_folded(word) for word in re.findall(r"\S" if unspaced(language) else r"\S+", text)]


def _folded(word: str) -> str:
    """Return a word without case and marks; a mark by itself as it is."""
    return re.sub(r"\W", "", word.casefold()) or word


def _distances(words: Sequence[str], others: Sequence[str]) -> list[int]:
    """Return the edit distance of `words` from each beginning of `others` (Levenshtein 1966), the shortest first."""
    row = list(range(len(others) + 1))
    for number, word in enumerate(words, 1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(others, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (word != other))
    return row
