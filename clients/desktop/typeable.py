"""Decides which characters of a text may be typed, and which of them one BackSpace takes away."""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d"  # part of the spelling in Persian and in Indian scripts
_NEVER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})
_CORRECTED = re.compile(r"\.{3}|--|[-=]>|<[-=]|\((?:c|r|tm)\)|\d/\d", re.IGNORECASE)
"""Text of which editors make one character while it is typed: an ellipsis, a dash, an arrow, ©, ½."""


def tidy(text: str) -> str:
    """Return `text` (NFC) without a character that a program could take for a command.

    Enter sends a message or runs a command, Tab leaves a field, an override of direction hides what stands there.
    """
    return unicodedata.normalize("NFC", "".join(map(_typeable, text)))


def _typeable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in _NEVER and character not in _JOINERS else character


def prefix_of_utf16(text: str, units: int) -> str:
    """Return the first `units` UTF-16 code units of `text`: the protocol counts lengths so."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, units)].decode("utf-16-le", "ignore")


def simple(character: str) -> bool:
    """True if every editor takes this character away by one BackSpace, unless a mark follows it."""
    return not (
        ord(character) > 0xFFFF  # an emoji: some editors take half of a sequence
        or 0x1100 <= ord(character) <= 0x11FF  # a letter of a Korean syllable
        or unicodedata.category(character) in _MARKS
    )


def erasable_prefix(text: str) -> str:
    """Return the beginning of `text` up to what another number of BackSpaces than one a character may take away."""
    if corrected := _CORRECTED.search(text):
        text = text[: corrected.start()]
    for place, character in enumerate(text):
        if not simple(character):
            return text[: max(0, place - 1)]  # the mark belongs to the character before it
    return text


def cluster_start(text: str, place: int) -> int:
    """Return the place in `text`, at or before `place`, at which no mark goes on a character before it."""
    while 0 < place < len(text) and not simple(text[place]):
        place -= 1
    return place
