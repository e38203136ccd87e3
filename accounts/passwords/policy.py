"""Decides whether a password may be set, by NIST SP 800-63B-4, 3.1.1.2: its length, and how likely it is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from accounts.passwords.broken import is_common
from accounts.refusals import NotPossible

SHORTEST = 8
LONGEST = 256
"""Characters (code points after normalization). A longer one would be work for nothing."""
LEAST_DIFFERENT = 4
SERVICE = "dragoman"
SHORTEST_NAME, SHORTEST_WORD = 3, 4
"""Characters of a whole name, and of a word of it, from which they are looked for in a password."""

_RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop")


def normalized(password: str) -> str:
    """Return the password as it is hashed: NFC, so that each keyboard gives the same characters."""
    return unicodedata.normalize("NFC", password)


def require_good(password: str, own: Iterable[str], field: str = "password") -> None:
    """Raise NotPossible for a password that is too short, too long, or easily guessed.

    `own`: the person's name and address. The rest of the password without them must be long enough by itself.
    There are no rules of composition. Takes a tenth of a second at the first call.
    """
    password = normalized(password)
    if len(password) < SHORTEST:
        raise NotPossible(field, f"must have at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise NotPossible(field, f"must have at most {LONGEST} characters")
    if is_common(password):
        raise NotPossible(field, "is among the passwords that are tried first; choose one that nobody else has")
    if len(set(password)) < LEAST_DIFFERENT or _is_run(password.casefold()):
        raise NotPossible(field, "must not be a row of the keyboard or a repetition")
    if len(_without(password, own)) < SHORTEST:
        raise NotPossible(field, "must not be made of your own name or address")


def _without(password: str, own: Iterable[str]) -> str:
    left = password.casefold()
    names = {name for text in own for name in (text.casefold(), text.casefold().partition("@")[0])}
    parts = {part for name in names for part in re.split(r"[\W_]+", name) if len(part) >= SHORTEST_WORD}
    words = {SERVICE, *parts, *(name for name in names if len(name) >= SHORTEST_NAME)}
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left


def _is_run(text: str) -> bool:
    """True if the text, forwards or backwards, goes along one row of keys or along the alphabet."""
    return any(text in row * 3 or text[::-1] in row * 3 for row in _RUNS)
