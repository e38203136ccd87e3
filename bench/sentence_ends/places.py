"""Compares the ends of a final text with the marks of what was said: false ends, ends that are kept, words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pipeline.text.word_errors import word_errors

_SENTENCE = re.compile(r"[.!?…][\"'”’)]*$")
_CLAUSE = re.compile(r"[,;:][\"'”’)]*$")
_DIGITS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
    "8": "eight", "9": "nine",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A word without case and marks, and the mark behind it: `.` of a sentence, `,` of a clause, or none."""

    word: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the final text that was translated by itself. `continues`: it goes on the sentence before it."""

    text: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Inner places of one prompt or of many; the end of the whole is none."""

    inner: int = 0
    """Places at which a piece of the text ended."""
    false: int = 0
    """Places among them where nothing ended, and our text has a mark or the translation began anew."""
    at_commas: int = 0
    """False ones where the reference has a comma."""
    marked: int = 0
    """False ones that have a sentence mark in our text."""
    own: int = 0
    """Sentence ends of the reference."""
    kept: int = 0
    """Those among them that are sentence ends of our text."""
    words: int = 0
    wrong: int = 0

    def __add__(self, other: Places) -> Places:
        names = self.__slots__
        return Places(*(getattr(self, name) + getattr(other, name) for name in names))

    def as_json(self) -> dict[str, object]:
        return {
            "inner": self.inner, "false": self.false, "falseShare": _share(self.false, self.inner),
            "atCommas": self.at_commas, "marked": self.marked, "own": self.own, "kept": self.kept,
            "keptShare": _share(self.kept, self.own), "words": self.words, "wrong": self.wrong,
            "wer": _share(self.wrong, self.words),
        }  # fmt: skip


def places(reference: str, pieces: Sequence[Piece]) -> Places:
    """Compare the pieces of a final text, in order, with what was said."""
    said = tokens(reference)
    heard: list[Token] = []
    cuts: dict[int, bool] = {}
    for piece in pieces:
        if heard:
            cuts[len(heard) - 1] = piece.continues
        heard += tokens(piece.text)
    marks = {n for n, token in enumerate(heard[:-1]) if token.mark == "."}
    inner = sorted((marks | cuts.keys()) & set(range(len(heard) - 1)))
    match = matches([token.word for token in heard], [token.word for token in said])
    last = len(said) - 1
    false = [
        n for n in inner
        if match[n] < last and said[match[n]].mark != "." and (n in marks or not cuts.get(n, True))
    ]  # fmt: skip
    ends = {match[n] for n in marks}
    own = {n for n, token in enumerate(said[:-1]) if token.mark == "."}
    return Places(
        inner=len(inner),
        false=len(false),
        at_commas=sum(said[match[n]].mark == "," for n in false),
        marked=sum(n in marks for n in false),
        own=len(own),
        kept=len(own & ends),
        words=len(said),
        wrong=word_errors([token.word for token in said], [token.word for token in heard]),
    )


def shown(pieces: Sequence[Piece]) -> str:
    """Return the pieces in one line for a reader: `|` where a translation began anew, `+` where it went on."""
    return "".join((" + " if one.continues else " | ") + one.text.strip() for one in pieces).removeprefix(" | ")


def tokens(text: str) -> list[Token]:
    """Return the words of a text. A mark that stands alone belongs to the word before it."""
    found: list[Token] = []
    for raw in text.split():
        word = re.sub(r"[^a-z0-9']", "", raw.casefold().replace("’", "'"))
        word = _DIGITS.get(word, word)
        mark = "." if _SENTENCE.search(raw) else "," if _CLAUSE.search(raw) else ""
        if word:
            found.append(Token(word, mark))
        elif found and mark:
            found[-1] = Token(found[-1].word, mark)
    return found


def matches(heard: Sequence[str], said: Sequence[str]) -> list[int]:
    """Return for each heard word the number of the said word behind which its end lies; -1: before the first."""
    match = [-1] * len(heard)
    for kind, a, b, c, d in SequenceMatcher(a=heard, b=said, autojunk=False).get_opcodes():
        for n in range(a, b):
            match[n] = max(c - 1, d - (b - n)) if kind == "replace" else c + n - a if kind == "equal" else c - 1
    return match


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
