"""Text made safe to speak: words only, no commands to the program behind the voice."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 4000  # code points: several minutes of speech


def plain(text: str) -> str:
    """No control characters (espeak-ng's embedded commands begin with one), no lone surrogates, no `[[phonemes]]`
    (espeak-ng and Piper would say them instead), one space between words."""
    kept = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in text
        if unicodedata.category(char) not in {"Cs", "Co", "Cn"}
    )
    return " ".join(re.sub(r"([\[\]])\1+", r"\1", kept).split())[:_LONGEST]


def is_sayable(text: str) -> bool:
    """Return True if there is a word in the text."""
    return any(char.isalnum() for char in text)
