"""Finds the "and" that is joined to an Arabic number word: "خمسة وتسعون". Pure."""

from __future__ import annotations

import re

_AND = re.compile(
    "و(?=واحد|اثن|ثلاث|[أا]ربع|خمس|ست|سبع|ثمان|تسع|عشر|مئ|مائ|[أآا]لف|[آا]لاف|مليون|ملايين|مليار|نصف|النصف|ربع|الربع|ثلث|الثلث)"
)


def cuts(word: str) -> tuple[int, ...]:
    """Return the places at which a word is cut in atoms: behind an "and" before a number."""
    return (1,) if _AND.match(word) else ()
