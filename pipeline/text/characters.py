"""Decides which characters of a text stay, by their class: one rule for all that comes in or goes out. Pure.

Nobody sees a format character (Unicode's category Cf) or a filler, but translators and voices stumble over it. It
vanishes, and the word around it is whole again. A blank of any kind becomes a space. A hidden character that has a part
in how its neighbours are written stays: a joiner of a script that joins, a flag's tags, a selector behind its sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""(start, end, what stands there instead) of a stretch of a text."""

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters of Hangul without a glyph."""
_BLANKS = frozenset("\u2800\u3164\uffa0")
"""Signs as wide as a letter that show nothing."""
_SPACES = frozenset({"Cc", "Zs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_HIDDEN_MARK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Hidden characters whose category is that of marks and letters."""
_SEEN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Characters of category Cf that are seen: they enclose a number (Prepended_Concatenation_Mark)."""
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,10}\U000e007f")
_UNJOINED = re.compile(r"[\s0-9A-Za-z\u00aa-\u024f\u0370-\u052f\u1e00-\u1fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Letters of scripts that do not join: a joiner behind one means nothing."""
_NEVER_SEEN = re.compile("[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Unassigned code points that are no characters, or hidden whatever they become."""


def cleaned(text: str) -> str:
    """Return `text` without what nobody sees, with one space between words and none around them."""
    if not (text.isascii() and text.isprintable()):
        text = edited(text, hidden(text))
    return " ".join(text.split())


def has_words(text: str) -> bool:
    """Return True if there is a letter or a digit of any script."""
    return any(char.isalnum() and char not in _FILLERS for char in text)


def hidden(text: str) -> Iterator[Edit]:
    """Yield the edits that take out each hidden character, and put a space in the place of each blank."""
    flags = {place for flag in _FLAG.finditer(text) for place in range(*flag.span())}
    before = " "
    for place, char in enumerate(text):
        instead = char
        if not char.isprintable() or char in _BLANKS or _HIDDEN_MARK.match(char):
            instead = char if place in flags else _instead(char, before, text[place + 1 : place + 2])
        before = instead or before
        if instead != char:
            yield place, place + 1, instead


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` after edits that are in order and do not overlap."""
    kept: list[str] = []
    at = 0
    for start, end, instead in edits:
        kept += [text[at:start], instead]
        at = end
    return "".join([*kept, text[at:]])


def _instead(char: str, before: str, after: str) -> str:
    """Return what stands in the place of a character that is not printed, between its neighbours."""
    category = unicodedata.category(char)
    if char in _BLANKS or category in _SPACES:
        return " "
    unknown = category == "Cn" and ord(char) & 0xFFFE != 0xFFFE and not _NEVER_SEEN.match(char)
    # An unassigned code point may be a sign of a newer Unicode than ours.
    return char if unknown or char in _SEEN_FORMATS or _belongs(char, before, after) else ""


def _belongs(char: str, before: str, after: str) -> bool:
    """Return True if a hidden character has a part in how its neighbours are written."""
    if char in _JOINERS:
        return before not in _JOINERS and not _UNJOINED.match(before)
    if "\u180b" <= char <= "\u180f":
        return "\u1820" <= before <= "\u18aa"
    if char == "\u115f":
        return "\u1161" <= after <= "\u11a7"
    if char == "\u1160":
        return "\u1100" <= before <= "\u115e"
    if not _SELECTOR.match(char):
        return False
    return not (before.isspace() or _SELECTOR.match(before) or (before.isalpha() and before < "\u2100"))
