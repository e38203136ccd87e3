"""Decides whether a number at the beginning of a text was said though a pass leaves it out. Pure.

The beginning of a window is at no edge: what two passes in a row heard there was said. A longer pass may take a number
for a word that is said twice, and leave it out: "2 to lock", and then "to lock".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.recognition.final_words import line_of
from pipeline.speech import Word
from pipeline.text.segmenter import CLAUSE_MARKS, SENTENCE_MARKS, unspaced
from pipeline.text.values import common, reading

BEHIND = 2
"""Words behind the number that passes must have in common: by these it is known where it stood."""
_NEAR = 60
"""Characters at the end of the final text among which its last value is."""


@dataclass(frozen=True, slots=True)
class OpeningNumber:
    """A number with which two passes in a row began, and the words behind it."""

    words: tuple[Word, ...]
    texts: frozenset[str]
    """Spellings of its value."""
    behind: tuple[tuple[str, ...], ...]
    """Keys of the next `BEHIND` words."""


def opening_number(before: Sequence[Word], words: Sequence[Word], language: str) -> OpeningNumber | None:
    """Return the number with which the words of a pass and of the one before begin, or None."""
    line = line_of(words, language)
    agreed = line.words_of(common(line_of(before, language).reading, line.reading, marks=False)[1])
    value = line.reading.longest(0) if len(line.reading) and not line.reading.is_mark(0) else None
    if value is None or not any(map(str.isdecimal, "".join(value.texts))):
        return None
    count = line.word_at(value.length)
    if count is None or agreed < count + BEHIND:
        return None
    last = replace(words[count - 1], text=words[count - 1].text.rstrip(SENTENCE_MARKS + CLAUSE_MARKS))
    return OpeningNumber((*words[: count - 1], last), value.texts, tuple(line.keys[count : count + BEHIND]))


def with_number(words: Sequence[Word], opening: OpeningNumber, final: str, language: str) -> list[Word]:
    """Return words behind the number that they leave out, or as they are if they have it, or begin otherwise.

    A number that they have elsewhere, or that ends the `final` text before them, may be the same one: none is said
    twice.
    """
    line = line_of(words, language)
    beside = [*reading(final[-_NEAR:], language).units[-1:], *line.reading.units]
    again = any(not opening.texts.isdisjoint(unit.texts) for unit in beside)
    if again or tuple(line.keys[:BEHIND]) != opening.behind:
        return list(words)
    first = words[0]
    space = "" if unspaced(language) or first.text[:1].isspace() else " "
    return [*opening.words, replace(first, text=space + first.text), *words[1:]]
