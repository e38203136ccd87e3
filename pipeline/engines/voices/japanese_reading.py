"""Reading of Japanese: kana for kanji, by SudachiPy and its dictionary (the extra `[ja]`).

espeak-ng reads kana only; of a kanji it says "Chinese letter", or nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pipeline.engines import EngineError

_KANJI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\U00020000-\U0003ffff]")
_SAID = {"は": "ワ", "へ": "エ", "を": "オ"}
"""Particles, which are written in one way and said in another."""
_JOINED = {"助詞", "助動詞", "接尾辞", "補助記号"}
"""Parts of speech that lean on the word before."""


def read_aloud(text: str) -> str:
    """The text in kana, a space before each word. Raises `EngineError` where there are kanji, and nothing to read them
    with."""
    try:
        tokenizer = _tokenizer()
    except ImportError:
        if _KANJI.search(text):
            raise EngineError(
                "Japanese written with kanji can't be read aloud without the extra [ja] (pip install 'dragoman[ja]')"
            ) from None
        return text
    return "".join(_read(one) for one in tokenizer.tokenize(text)).strip()


def _read(one: Any) -> str:
    surface, (part, kind, *_) = one.surface(), one.part_of_speech()
    if kind == "数詞" and not _KANJI.search(surface):
        read = surface  # espeak-ng reads numbers as numbers, the dictionary digit by digit
    elif part == "助詞" and surface in _SAID:
        read = _SAID[surface]
    elif part == "補助記号":
        read = surface
    else:
        read = one.reading_form() or surface
    return read if part in _JOINED else f" {read}"


@cache
def _tokenizer() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="small").tokenizer()
