"""Speech that is not of the phrasebook, which the recogniser learns to refuse: other words, other languages.

None of these sentences is among the ones that refusal is tested with (`evaluate.py` has those, written by hand).
"""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

from starter.recipe.domain import draw

SOUNDS = {
    "onset": "b bl br ch d dr f fl fr g gl gr j k kl kr l m n p pl pr r s sh sk sl st str t tr v w y z",
    "vowel": "a e i o u ai au ea ei ie oo ou",
    "coda": "b d g k l m n nd nt p r rt s st t x z",
}
"""Syllables of invented words."""


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    """Return words by language and kind, from `foreign.txt`."""
    found: dict[str, dict[str, list[str]]] = {}
    into: list[str] = []
    for line in (Path(__file__).parent / "foreign.txt").read_text("utf-8").splitlines():
        head = re.fullmatch(r"\[(en|es) (\w+)\]", line)
        if head:
            into = found.setdefault(head[1], {}).setdefault(head[2], [])
        elif line and not line.startswith("#"):
            into += [line] if "{" in line else line.split(", ")
    return found


def _syllable(chance: random.Random) -> str:
    coda = chance.choice(SOUNDS["coda"].split()) if chance.random() < 0.85 else ""
    return chance.choice(SOUNDS["onset"].split()) + chance.choice(SOUNDS["vowel"].split()) + coda


def invented_word(chance: random.Random) -> str:
    return "".join(_syllable(chance) for _ in range(chance.choice((1, 2, 2, 3))))


def _natural(chance: random.Random, language: str) -> str:
    """Return a sentence of a language whose words are not the phrasebook's."""
    known = _words()[language]
    text: str = chance.choice(known["pattern"])
    for kind in ("noun", "verb", "adjective", "adverb"):
        while f"{{{kind}}}" in text:
            text = text.replace(f"{{{kind}}}", chance.choice(known[kind]), 1)
    return text


def _half_invented(chance: random.Random, language: str) -> str:
    """Return a sentence of the phrasebook with other words in place of at least a half of its own."""
    said = getattr(draw(chance), language).split()
    count = max(2, round(len(said) * chance.uniform(0.5, 0.9))) if len(said) > 2 else 1
    places = chance.sample(range(len(said)), count)
    for place in places:
        nouns = _words()[language]["noun"] + _words()[language]["verb"]
        said[place] = chance.choice(nouns) if chance.random() < 0.4 else invented_word(chance)
    return " ".join(said)


def sentence(chance: random.Random, language: str) -> str:
    """Return a sentence to be refused, for that language's voices (any of espeak-ng's languages)."""
    if language in _words():
        kind = chance.random()
        if kind < 0.5:
            return _natural(chance, language)
        if kind < 0.75:
            return _half_invented(chance, language)
    return " ".join(invented_word(chance) for _ in range(chance.randrange(2, 9))) + "."
