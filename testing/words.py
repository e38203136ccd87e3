"""Words of texts, and the share of them that was heard."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter


def words(text: str) -> list[str]:
    """Return the lower-case words of `text` without punctuation; accents count."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def share_heard(expected: str, heard: str) -> float:
    """Return the share of the words of `expected` that are among those of `heard`, 0..1."""
    wanted, found = Counter(words(expected)), Counter(words(heard))
    return sum((wanted & found).values()) / max(1, wanted.total())
