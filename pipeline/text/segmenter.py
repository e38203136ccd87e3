"""Segmenter: cuts text into segments, the units of translation: sentences, and clauses of unfinished ones. Pure.

Segments tile the text without a gap; the space between two belongs to the later one, so that a segment can be
given away before it is known whether another follows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.speech import Segment
from pipeline.text.abbreviations import NUMBERED, ORDINALS, calls_for_more, ends_as_well, last_words, single, spans
from pipeline.text.language import primary
from pipeline.text.untouched import links

LONGEST = 300
"""Characters of one segment: what is said without a sentence mark is cut at a space, so that one endless
sentence can't keep the voice for minutes."""

# A sentence mark ends a sentence where a space or the end follows ("3.5" goes on); full-width marks need
# no space after them (Chinese, Japanese). Closing quotes and brackets belong to their sentence.
CLOSERS = "\"'»”“’‘)]」』）"
_SPACED_END, _FULL_END = ".!?…", "。！？．｡؟۔।॥"
_SPACED_PAUSE, _FULL_PAUSE = ",;:،؛—–", "，、；："
SENTENCE_MARKS = _SPACED_END + _FULL_END
CLAUSE_MARKS = _SPACED_PAUSE + _FULL_PAUSE
_CLOSED = f"[{re.escape(CLOSERS)}]*"
_WIDE = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # kana and ideographs: no space need follow "!" before them
_SENTENCE = re.compile(
    rf"[{_SPACED_END}]+(?:[\u00a0\u202f ]?»)?{_CLOSED}(?=\s|$)|[{_FULL_END}]+{_CLOSED}|[!?]+{_CLOSED}(?=[{_WIDE}])"
)
_CLAUSE = re.compile(rf"[{_SPACED_PAUSE}]+{_CLOSED}(?=\s|$)|[{_FULL_PAUSE}]+{_CLOSED}")
_QUOTED = re.compile(r"[」』](?:と|って)")  # "「…。」と" goes on: somebody said it
_UNSPACED = {"zh", "ja", "th", "lo", "my", "km"}
_DECIMAL_COMMA = {"de", "es", "fr", "it", "nl", "pl", "pt", "ru", "tr"}
_SHORT_NUMBER = re.compile(r"[-+\u2212$€£¥]?\d{1,3}")
_VERSION_OR_INITIALS = re.compile(r"\D?\d+(?:\.\d+)+|(?:[^\W\d]\.)+[^\W\d]")


@dataclass(frozen=True, slots=True)
class Boundary:
    """`text[:end]` may be given away. `sentence` says that a sentence mark stands there, not a comma."""

    end: int
    sentence: bool


def unspaced(language: str) -> bool:
    """Return True if words are written without spaces between them."""
    return primary(language) in _UNSPACED


def boundaries(text: str, language: str) -> Iterator[Boundary]:
    """Every mark at which `text` could be cut, in order."""
    language = primary(language)
    known, ordinals, inside = single(language), language in ORDINALS, spans(text, language)
    marks = [(match, True) for match in _SENTENCE.finditer(text)]
    marks += [(match, False) for match in _CLAUSE.finditer(text)]
    for match, sentence in sorted(marks, key=lambda mark: mark[0].start()):
        before, after = text[: match.start()], text[match.end() :]
        if sentence and match[0] == "." and after:
            if _abbreviated(before, after, known, ordinals) and not ends_as_well(before, after, language):
                continue
            if any(start <= match.start() < end for start, end in inside) or _goes_on(before, after):
                continue
        if match[0] == "," and language in _DECIMAL_COMMA and _parts_a_number(before, after):
            continue
        if sentence and _QUOTED.match(text, match.end() - 1):
            continue
        if text[: match.end()].strip():
            yield Boundary(match.end(), sentence)


def _abbreviated(before: str, after: str, known: frozenset[str], ordinals: bool) -> bool:
    word = last_words(before)[0].casefold()
    if ordinals and word.isdigit() and len(word) <= 2:
        return True
    if word in NUMBERED and after.lstrip()[:1].isdigit():
        return True
    return word in known or (len(word) == 1 and word.isalpha() and before[-1:].isupper())


def _goes_on(before: str, after: str) -> bool:
    """Return True if a full stop is part of a number, a version or initials: "3. 5 of them", "Version 2.0. is out"."""
    if _parts_a_number(before, after):
        return True
    word = (before.split() or [""])[-1]
    return after.lstrip()[:1].islower() and _VERSION_OR_INITIALS.fullmatch(word) is not None


def _parts_a_number(before: str, after: str) -> bool:
    """Return True if a mark stands between digits that are one number, though a space follows it."""
    if re.match(r"[ \u00a0\u202f]\d", after) is None:
        return False
    return _SHORT_NUMBER.fullmatch((before.split() or [""])[-1]) is not None


def is_sentence(text: str, language: str) -> bool:
    """Return True if `text` ends in a sentence mark.

    One that trails off, "…", is not the end of anything, nor is the stop of a title ("I spoke to Dr.") or of "www.".
    """
    text = text.rstrip()
    if text.endswith(("...", "…")) or (text.endswith(".") and calls_for_more(text[:-1], primary(language))):
        return False
    marks = list(boundaries(text, language))
    return bool(marks) and marks[-1].sentence and marks[-1].end == len(text)


def segment(text: str, language: str = "", *, base: int = 0, first: int = 0) -> list[Segment]:
    """`text` cut after each sentence mark. It stands at `base` in its transcript; `first` is the next index."""
    ends: list[int] = []
    start = 0
    for mark in boundaries(text, language):
        if mark.sentence and text[start : mark.end].strip():
            ends += _cuts(text, start, mark.end)
            start = mark.end
    if text[start:].strip():
        ends += _cuts(text, start, len(text))
    elif ends:
        ends[-1] = len(text)
    if not ends:
        return []
    starts = [0, *ends[:-1]]
    return [
        Segment(first + n, text[a:b], base + a, base + b) for n, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]


def sentences(text: str, language: str = "") -> list[str]:
    """The sentences of a text without the space around them, none over `LONGEST`; blank text has none."""
    return [part.text.strip() for part in segment(text, language)]


def joined(parts: Iterable[str], language: str) -> str:
    """Sentences as one text, with a space between them where the language writes one."""
    return ("" if unspaced(language) else " ").join(part for part in parts if part)


def chunks(text: str, language: str, *, longest: int = 80) -> list[str]:
    """`text` in pieces for a synthesizer, whose first can be heard while the next are made: whole where short.

    None is over `LONGEST`, or half of it where words are not spaced: what a voice needs grows with the length of a job.
    """
    if len(text) <= longest:
        return [text]
    ends: list[int] = []
    start = 0
    for mark in boundaries(text, language):
        if mark.end - start >= longest // 2 and len(text) - mark.end >= longest // 4:
            ends.append(mark.end)
            start = mark.end
    most = LONGEST // 2 if unspaced(language) else LONGEST
    cuts = [cut for a, b in itertools.pairwise([0, *ends, len(text)]) for cut in _cuts(text, a, b, most)]
    return [text[a:b] for a, b in itertools.pairwise([0, *cuts])]


def _cuts(text: str, start: int, end: int, most: int = LONGEST) -> list[int]:
    """Return the cuts of `text[start:end]` after which no piece is over `most`, but for a link. The last is `end`."""
    cuts: list[int] = []
    whole = list(links(text)) if end - start > most else []
    while len(text[start:end].strip()) > most:
        start = end - len(text[start:end].lstrip())
        space = text.rfind(" ", start + most // 2, start + most)
        start = space if space > 0 and text[start:space].strip() and text[space:end].strip() else start + most
        start = next((stop for begin, stop in whole if begin < start < stop), start)
        if not text[start:end].strip():
            break
        cuts.append(start)
    return [*cuts, end]
