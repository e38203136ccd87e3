"""Sentences in each of the fifteen languages, and their translation in each of the others, code point by code point.

To the greeting comes, in each language, a third sentence of what its script has that may be lost on the way: marks of
direction, joiners, combining marks, letters outside the basic plane.
"""

from __future__ import annotations

from pipeline.engine_contract.texts import SENTENCES, UNSPACED
from pipeline.text.characters import cleaned

LANGUAGES = tuple(sorted(SENTENCES))

EXTREMES = {
    "ar": "السَّلامُ عليكم يا Ana\u200f، رقم ١٢٣.",  # vowel signs, Latin within, a mark of direction, its own digits
    "de": "Ich heiße Jürgen Weiß.",
    "en": "It's a naïve co\u0308operation.",  # a combining diaeresis
    "es": "¡Qué pingüino, señor!",
    "fr": "L’œuf coûte 3\u00a0€\u202f!",
    "hi": "क्\u200dष और श्री हैं।",  # a joiner, conjuncts
    "it": "Perché no, è così.",
    "ja": "𠮷野さんは「がぎぐ」と言った。",  # outside the basic plane, full-width quotes
    "ko": "값이 얼마예요, 한글?",  # one syllable of which is written in its parts
    "nl": "Eén ĳsje, graag.",
    "pl": "Zażółć gęślą jaźń.",
    "pt": "Não há pães, irmã.",
    "ru": "Ещё чай, Алёна\u0301.",  # a stress mark
    "tr": "İıĞğŞş, değil mi?",
    "zh": "𠀀这是“引号”，二〇二六年。",
}


def said(language: str) -> tuple[str, ...]:
    """The sentences, one by one, each as it stands alone."""
    return (*SENTENCES[language], EXTREMES[language])


def whole(language: str) -> str:
    """The sentences as one writes them: what a recogniser gives."""
    return ("" if language in UNSPACED else " ").join(said(language))


def translations(source: str, target: str) -> dict[str, str]:
    """A dictionary of these sentences: clean text in `source` → text in `target`."""
    return dict(zip(map(cleaned, said(source)), said(target), strict=True))
