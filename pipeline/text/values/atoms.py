"""Cuts text into atoms: words, numbers, signs and marks, each with the key by which it is compared. Pure.

A key keeps what carries a value: signs, currencies, the marks inside a number. It leaves out quotes and brackets,
hyphens and apostrophes within a word, and the dashes between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

from pipeline.text.language import primary
from pipeline.text.segmenter import CLAUSE_MARKS, CLOSERS, SENTENCE_MARKS
from pipeline.text.values import arabic, korean


class Kind(Enum):
    """Kind of an atom."""

    WORD = auto()
    NUMBER = auto()
    """Digits, with the marks between them."""
    SIGN = auto()
    MARK = auto()
    """End of a sentence (its key is a full stop) or of a clause (a comma)."""


@dataclass(frozen=True, slots=True)
class Atom:
    """`text[start:end]`, and the key by which it is compared with others."""

    kind: Kind
    key: str
    start: int
    end: int


# Scripts without spaces: each character is a word, as far as a program can tell.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# Vowel signs of Indic scripts are no letters to `\w`, and tell words apart all the same.
_VOWELS = r"\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0970-\u0dff\u200c\u200d"
_LETTER = rf"(?:[^\W\d]|[{_VOWELS}])"
_DASH = r"\-\u2010\u2011\u2012\u2013\u2212"
_INNER = r"\-\u2010\u2011'’ʼ.·\u00ad\u200b\u2060"
_MARKS = re.escape(SENTENCE_MARKS + CLAUSE_MARKS)
_ATOM = re.compile(
    rf"(?P<number>(?:(?<![\w.,])[.,](?=\d))?\d+(?:[.,:'’٫٬]\d+)*)"
    rf"|(?P<sign>\b(?:R|US|AU?|CA?|HK|NT|NZ|S)\$|(?<![^\W\d])[{_DASH}](?=[$€£¥₹]?[.,]?\d)|(?<![\w.])\.(?={_LETTER})"
    r"|(?<=\d)/|/(?=\d)|[½¼¾⅓⅔]|[+#%‰°℃℉$€£¥￥₩₹₽₺₴₪฿¢&@=<>±×÷№＋％＃＄\u2212])"
    rf"|(?P<word>{_LETTER}+(?:[{_INNER}]+{_LETTER}+)*)"
    rf"|(?P<mark>[{_MARKS}](?:[{re.escape(CLOSERS)}]*[{_MARKS}])*)"
)
_RUNS = re.compile(rf"[{_UNSPACED}]|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ERASED = re.compile(rf"[{_INNER}\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c\u200d]")
_CUTS: dict[str, Callable[[str], tuple[int, ...]]] = {"ar": arabic.cuts, "ko": korean.cuts}
"""Places in a word at which atoms end, by language."""
_SIGNS = {"½": "½", "¼": "¼", "¾": "¾", "⅓": "⅓", "⅔": "⅔", "℃": "°c", "℉": "°f", "№": "#", ".": "·"}


def atoms(text: str, language: str) -> Iterator[Atom]:
    """Yield the atoms of a text from left to right."""
    for hit in _ATOM.finditer(text):
        found, (start, end) = hit[0], hit.span()
        match hit.lastgroup:
            case "number":
                yield Atom(Kind.NUMBER, _digits(found), start, end)
            case "sign":
                yield Atom(Kind.SIGN, _sign(found), start, end)
            case "mark":
                yield Atom(Kind.MARK, "." if found[-1] in SENTENCE_MARKS else ",", start, end)
            case _:
                yield from _words(found, start, language)


def word_key(word: str, language: str) -> str:
    """Return a word without case, hyphens, apostrophes and optional vowel signs."""
    if primary(language) == "tr":
        word = word.replace("İ", "i").replace("I", "ı")
    if word.isascii():
        return word.lower() if word.isalpha() else _ERASED.sub("", word.lower())
    return _ERASED.sub("", unicodedata.normalize("NFKC", word).casefold())


def _words(found: str, start: int, language: str) -> Iterator[Atom]:
    for a, b, key in _keyed(found, language):
        yield Atom(Kind.WORD, key, start + a, start + b)


@lru_cache(maxsize=4096)
def _keyed(found: str, language: str) -> tuple[tuple[int, int, str], ...]:
    """Return (start, end, key) of each word within letters that are written together. Passes repeat their words."""
    if found.isascii() or not _IS_UNSPACED.search(found):
        cuts = _CUTS[primary(language)](found) if primary(language) in _CUTS else ()
        pieces = list(pairwise((0, *cuts, len(found))))
    else:
        pieces = [run.span() for run in _RUNS.finditer(found)]
    return tuple((a, b, key) for a, b in pieces if a < b and (key := word_key(found[a:b], language)))


def _digits(found: str) -> str:
    """Return a number in ASCII. The thousands mark of Arabic becomes an apostrophe, which is none but that."""
    if not found.isascii():
        found = "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in found)
        found = found.replace("٫", ".").replace("٬", "'").replace("’", "'")
    return f"0{found}" if found[0] in ".," else found


def _sign(found: str) -> str:
    if found in _SIGNS:
        return _SIGNS[found]
    if re.fullmatch(f"[{_DASH}]", found):
        return "-"
    return unicodedata.normalize("NFKC", found).casefold()
