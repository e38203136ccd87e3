"""Terms within a translated sentence: where they stand, and which words they replace."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pipeline.text.glossary import FoundTerm, fold, stands_alone
from pipeline.text.segmenter import unspaced

_WIDE_MARKS = str.maketrans({".": "。", "?": "？", "!": "！", ",": "，"})
_NARROW_MARKS = str.maketrans({"。": ".", "？": "?", "！": "!", "，": ",", "、": ",", "؟": "?", "،": ",", "।": "."})
_WORD = re.compile(r"\w+(?:[\u0300-\u036f\u064b-\u065f\u0900-\u0903\u093a-\u094f'’-]*\w+)*")

_WIDE = r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_LOOSE = re.compile(rf"(?<={_WIDE})\s+|\s+(?={_WIDE})")


def occurrences(text: str, term: str, language: str) -> list[tuple[int, int]]:
    """Return the spans of a term in a text, from left to right: whole words, in any case."""
    folded, wanted = fold(text, language), fold(term, language)
    found: list[tuple[int, int]] = []
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        alone = stands_alone(text, at, end, language)
        if alone:
            found.append((at, end))
        at = folded.find(wanted, end if alone else at + 1)
    return found


def insert(text: str, found: Sequence[FoundTerm], names: Mapping[str, str]) -> str:
    """The text with names in the place of those terms that have one (by what is wanted of them)."""
    for one in reversed(found):
        if one.wanted in names:
            text = text[: one.start] + names[one.wanted] + text[one.end :]
    return text


def punctuated(text: str, found: Sequence[FoundTerm], language: str) -> str | None:
    """A text of nothing but terms and marks ("Dragoman?") needs no translator; None if there is more to it."""
    edges = [0, *itertools.chain.from_iterable((one.start, one.end) for one in found), len(text)]
    between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if not found or any(char.isalnum() for part in between for char in part):
        return None
    marks = _WIDE_MARKS if unspaced(language) else _NARROW_MARKS
    parts = itertools.chain.from_iterable(
        (part.translate(marks), one.wanted) for part, one in zip(between, found, strict=False)
    )
    said = "".join([*parts, between[-1].translate(marks)]).strip(" ¿¡")
    return said if text[:1].islower() else said[:1].upper() + said[1:]


def spelled(text: str, terms: Iterable[str], language: str) -> str:
    """The text with the capitals of its terms as the glossary has them; a first word may be larger."""
    for term in terms:
        for start, end in reversed(occurrences(text, term, language)):
            first = not any(char.isalnum() for char in text[:start])
            said = text[start] + term[1:] if first and len(text[start].lower()) == 1 else term
            if term != term.lower():
                text = text[:start] + said + text[end:]
    return text


def closed_up(text: str, language: str) -> str:
    """Without the spaces that a translator puts around what it doesn't know, in a script that has none."""
    return _LOOSE.sub("", text) if unspaced(language) else text


def units(text: str, language: str) -> list[tuple[int, int]]:
    """The words of a text, or its characters where they are written without spaces: spans of it."""
    if unspaced(language):
        return [(n, n + 1) for n, char in enumerate(text) if char.isalnum()]
    return [match.span() for match in _WORD.finditer(text)]


def agrees(around: str, names: Sequence[str], plain: str, words: int, language: str) -> bool:
    """Return True if a translation around names says the same as the plain one, but for the names.

    Next to nothing is new (an article may be another), and no more is gone than `words` terms can be.
    """
    for name in names:
        for start, end in reversed(occurrences(around, name, language)):
            around = f"{around[:start]} {around[end:]}"
    rest, before = Counter(_folded(around, language)), Counter(_folded(plain, language))
    per_word = 4 if unspaced(language) else 2
    return (rest - before).total() <= len(names) and (before - rest).total() <= per_word * words + len(names)


def _folded(text: str, language: str) -> list[str]:
    return [fold(text[start:end], language) for start, end in units(text, language)]


def changed(plain: str, other: str, language: str) -> str:
    """The words of `plain` that are others in `other`, if these are some in its middle, beginning or end and not
    all of them; else nothing."""
    ours, theirs = units(plain, language), _folded(other, language)
    mine = _folded(plain, language)
    head = _common(mine, theirs)
    tail = _common(mine[head:][::-1], theirs[head:][::-1])
    middle = ours[head : len(ours) - tail]
    if not middle or head + tail == 0:
        return ""
    return plain[middle[0][0] : middle[-1][1]]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of first words that are the same."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
