"""Decides which sentence of a text is the last one that has words."""

from __future__ import annotations

import re

_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*\s+"  # followed by a blank: 3.5 and example.org are one word
    r"|[。！？｡]+[」』”’）]*"  # no blank follows in Chinese and Japanese
    r"|[؟।॥۔]+\s*"
)
_ABBREVIATION = re.compile(r"(?:^|\s)(?:[A-Z][a-z]{0,2}|[A-Za-z])\.\s+$")
"""A short word with a capital, such as "Mr." or "St.": one sentence too many does less harm than half of one."""


def last_sentence(text: str) -> str:
    """Return the last sentence of `text` that has a letter or a digit; all of it where there is no such end."""
    start = 0
    for end in _END.finditer(text):
        behind = text[end.end() :]
        if _has_words(behind) and not _ABBREVIATION.search(text[: end.end()]):
            start = end.end()
    return text[start:].strip()


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
