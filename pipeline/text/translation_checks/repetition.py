"""Decides whether a translation repeats a phrase as what was said does not: a loop of the decoder. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text.translation_checks.tokens import is_ideograph, words

_LONGEST_PHRASE = 12
_MOST = {1: 7, 2: 4}
"""Times in a row, by the number of words, from which a phrase is a loop; a longer phrase: `_MOST_OF_MANY`."""
_MOST_OF_MANY = 3
_UNSPACED_TIMES, _UNSPACED_CHARS = 4, 12
"""The same for scripts without spaces: times in a row, and characters together."""
_MANY_WORDS, _FEW_KINDS, _USUAL_KINDS = 30, 0.2, 0.4
"""A long text with few different words is a loop with small changes, if what was said has the usual number."""


def repeats(text: str, said: str) -> bool:
    """Return True if `text`, the translation of `said`, repeats a phrase as only a decoder repeats it."""
    found, spoken = words(text), words(said)
    most = 1 + max((times for _, times in _runs(spoken)), default=1)
    if any(times > most and _is_loop(phrase, times) for phrase, times in _runs(found)):
        return True
    return len(found) >= _MANY_WORDS and _kinds(found) < _FEW_KINDS and _kinds(spoken) >= _USUAL_KINDS


def _is_loop(phrase: Sequence[str], times: int) -> bool:
    if all(map(is_ideograph, phrase)):
        return times >= _UNSPACED_TIMES and times * len(phrase) >= _UNSPACED_CHARS
    return times >= _MOST.get(len(phrase), _MOST_OF_MANY)


def _runs(found: Sequence[str]) -> list[tuple[Sequence[str], int]]:
    """Return each phrase that is said at least twice in a row, with the number of times."""
    runs = []
    for length in range(1, min(_LONGEST_PHRASE, len(found) // 2) + 1):
        equal = 0
        for n in range(length, len(found)):
            equal = equal + 1 if found[n] == found[n - length] else 0
            if equal and equal % length == 0:
                runs.append((found[n - length + 1 : n + 1], equal // length + 1))
    return runs


def _kinds(found: Sequence[str]) -> float:
    return len(set(found)) / len(found) if found else 1.0
