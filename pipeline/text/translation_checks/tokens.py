"""Words of a text in any script, and its size in a measure that is comparable between languages. Pure."""

from __future__ import annotations

import re
import unicodedata

_UNSPACED = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_IDEOGRAPH = re.compile(rf"[{_UNSPACED}]")
_WEIGHTS = (
    (_IDEOGRAPH, 2.5),
    (re.compile(r"[\uac00-\ud7a3]"), 2.0),
    (re.compile(r"[\u0600-\u06ff]"), 1.35),
    (re.compile(r"[\u0900-\u097f]"), 1.35),
)
"""Letters that stand for more than a Latin one: ideographs, syllables, consonants without their vowels."""
_STOPS = ".!?…。！？．｡؟۔।॥"
_STOP = re.compile(f"[{_STOPS}]")


def words(text: str) -> list[str]:
    """Return the words in lower case, without marks. In scripts without spaces each character is one."""
    return _WORD.findall(text.casefold())


def bare(text: str) -> str:
    """Return the text in lower case without accents: "Três" becomes "tres"."""
    split = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(char for char in split if unicodedata.category(char) != "Mn"))


def bare_words(text: str) -> list[str]:
    """Return the words in lower case without accents."""
    return words(bare(text.replace("’", "'")))


def is_ideograph(word: str) -> bool:
    """Return True if the word is a character of a script without spaces."""
    return _IDEOGRAPH.fullmatch(word) is not None


def size(text: str) -> float:
    """Return the number of letters and digits, as in a Latin script: an ideograph counts for more."""
    heavier = sum(sum(map(str.isalnum, script.findall(text))) * (weight - 1) for script, weight in _WEIGHTS)
    return sum(map(str.isalnum, text)) + heavier


def sentences(text: str) -> int:
    """Return the number of sentences, roughly. A decimal point is taken for none."""
    parts = _STOP.split(re.sub(r"(?<=\d)\.(?=\d)", "", text))
    return sum(re.search(r"\w", part) is not None for part in parts)


def has_words(text: str) -> bool:
    """Return True if there is a letter or a digit in the text."""
    return any(map(str.isalnum, text))
