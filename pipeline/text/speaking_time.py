"""Decides how long the speech of a text can last at most: a voice that goes on says what nobody wrote. Pure."""

from __future__ import annotations

import unicodedata

_BEGIN_S = 8.0
"""Time of no words: silence around them, and a voice that stumbles. Less is no proof of anything."""
_LETTER_S, _SIGN_S, _NAMED_S = 0.3, 0.7, 1.2
"""The longest time of a letter, of an ideograph or a syllable, and of what is spoken by a name: digits, symbols."""


def longest_s(text: str, rate: float = 1.0) -> float:
    """Return the time, s, that nobody takes to say `text` at a tempo of `rate`, however slowly."""
    return (_BEGIN_S + sum(map(_longest_of, text))) / min(rate, 1.0)


def _longest_of(char: str) -> float:
    category = unicodedata.category(char)
    if category == "Lo":
        return _SIGN_S
    if category[0] in "LM":
        return _LETTER_S
    return _NAMED_S if category[0] in "NS" else _LETTER_S
