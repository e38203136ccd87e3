"""Decides whether a text may be a person's name."""

from __future__ import annotations

import unicodedata

from accounts.refusals import NotPossible
from wire.strict_json import JOINERS, utf16_length

LONGEST = 64
"""UTF-16 code units."""


def username(text: str, field: str = "username") -> str:
    """Return the name as it is kept: NFC, without space around it. Raises NotPossible."""
    name = unicodedata.normalize("NFC", text).strip()
    if not any(char.isalnum() for char in name):
        raise NotPossible(field, "must hold a letter or a digit")
    if utf16_length(name) > LONGEST:
        raise NotPossible(field, f"must not be longer than {LONGEST}")
    # Joiners are part of words. Other format characters hide, or reverse the text around them.
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in JOINERS for char in name):
        raise NotPossible(field, "must not hold control characters")
    return name
