"""Text as Apertium's stream format has it, and text out of it: what is said steers nothing, and carries no marks.

The format is that of the Apertium 2.0 documentation (Forcada et al. 2009, ch. 2): `[…]` is not translated, `^…$` is
a word with its analyses, and `*`, `@` and `#` mark words that a dictionary lacks. A period is added at the end, as
Apertium's own deformatter for plain text adds one: so the last sentence is translated as a sentence.
"""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]")
_END = ".[]"
_BLANK_OR_ESCAPE = re.compile(r"\\(.)|\[[^\[\]]*\]", re.DOTALL)
_MARKS = "*@#"


def plain(text: str) -> str:
    """Return one line of printable text. A character that only joins or divides letters is left out."""

    def shown(char: str) -> str:
        if char.isprintable():
            return char
        return "" if unicodedata.category(char) == "Cf" else " "

    return " ".join("".join(map(shown, text)).split())


def escaped(text: str) -> str:
    """Return plain text in the stream format, with a sentence's end behind it."""
    return _SPECIAL.sub(r"\\\g<0>", text) + _END


def unescaped(stream: str, text: str) -> str:
    """Return the translation in a stream that came out for the plain `text`."""
    shown = _BLANK_OR_ESCAPE.sub(lambda found: found[1] or "", stream.replace(_END, ""))
    marks = "".join(mark for mark in _MARKS if mark not in text)
    if marks:
        shown = re.sub(rf"(?<!\w)[{re.escape(marks)}]+(?=\w)", "", shown)
    shown = " ".join(shown.split())
    if _END not in stream and shown.endswith("."):  # the period that was added was moved
        return shown[:-1].rstrip()
    return shown
