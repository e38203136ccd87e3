"""Text as Apertium's stream format has it, and text out of it: what is said steers nothing, and carries no marks.

The format is that of the Apertium 2.0 documentation (Forcada et al. 2009, ch. 2): `[…]` is not translated, `^…$` is
a word with its analyses, and `*`, `@` and `#` mark words that a dictionary lacks. A period is added at the end, as
Apertium's own deformatter for plain text adds one: so the last sentence is translated as a sentence. A blank divides
the full stop of a sentence from its last word: else "No." is an abbreviation of "number", and Jan is a month.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from pipeline.text.abbreviations import single
from pipeline.text.language import primary
from pipeline.text.segmenter import boundaries

_SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]")
_END = ".[]"
_DIVIDED = "[-]"
_LAST_WORD = re.compile(r"(?<![\w.])[^\W\d_]+$")
_BLANK_OR_ESCAPE = re.compile(r"\\(.)|\[[^\[\]]*\]", re.DOTALL)
_MARKS = "*@#"
_SPACED_STOP = re.compile(r" (?=[.,;:!?](?:\s|$))")
"""A space before a mark, as some rules leave it: "Mi nombre es Ana ."."""


def plain(text: str) -> str:
    """Return one line of printable text. A character that only joins or divides letters is left out."""

    def shown(char: str) -> str:
        if char.isprintable():
            return char
        return "" if unicodedata.category(char) == "Cf" else " "

    return " ".join("".join(map(shown, text)).split())


def escaped(text: str, language: str = "") -> str:
    """Return plain text of a language in the stream format, with a sentence's end behind it."""
    places = [0, *_last_words(text, language), len(text)]
    parts = (text[start:end] for start, end in pairwise(places))
    return _DIVIDED.join(_SPECIAL.sub(r"\\\g<0>", part) for part in parts) + _END


def _last_words(text: str, language: str) -> Iterator[int]:
    """Yield the places behind the last words of sentences that end in a full stop, or in nothing."""
    ends = [mark.end for mark in boundaries(text, language) if mark.sentence and text[mark.end - 1] == "."]
    known = single(primary(language))
    for end in sorted({*(end - 1 for end in ends), len(text)}):
        word = _LAST_WORD.search(text, 0, end)
        if word is not None and word[0].casefold() not in known:
            yield end


def unescaped(stream: str, text: str) -> str:
    """Return the translation in a stream that came out for the plain `text`."""
    shown = _BLANK_OR_ESCAPE.sub(lambda found: found[1] or "", stream.replace(_END, ""))
    marks = "".join(mark for mark in _MARKS if mark not in text)
    if marks:
        shown = re.sub(rf"(?<!\w)[{re.escape(marks)}]+(?=\w)", "", shown)
    shown = " ".join(shown.split())
    if not _SPACED_STOP.search(text):
        shown = _SPACED_STOP.sub("", shown)
    if _END not in stream and shown.endswith("."):  # the period that was added was moved
        return shown[:-1].rstrip()
    return shown
