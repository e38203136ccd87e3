"""Decides which user names look the same: case, width, blanks and what nobody sees tell no two people apart."""

from __future__ import annotations

import re
import unicodedata

IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): characters that are shown as nothing."""
BLANK = "\u2800"
"""Braille without a dot: as wide as a letter, and no space for Unicode."""


def name_key(username: str) -> str:
    """Return the form in which a user name must be unique.

    Unicode's toNFKC_Casefold, which drops what is ignorable, with one space for blanks as in RFC 8266, 2.1. Letters of
    two scripts that look alike stay different.
    """
    folded = _nfkc(_nfkc(username).casefold())
    return " ".join(spaced(_nfkc(IGNORABLE.sub("", folded))).split())


def spaced(text: str) -> str:
    """Return the text with spaces in place of signs that show nothing."""
    return text.replace(BLANK, " ")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
