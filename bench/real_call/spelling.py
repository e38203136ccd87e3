"""Spells the numbers of one text as another one spells them, so that words alone are counted as errors. Pure."""

from __future__ import annotations

from pipeline.text.values import reading


def respelled(heard: str, said: str, language: str) -> str:
    """Return `heard` with each number as `said` spells it, where the same value is in `said`; "95": "ninety five".

    A value that is not in `said` stays as it is.
    """
    spellings = [(one.texts, said[one.start : one.end]) for one in reading(said, language).units if _number(one.texts)]
    parts, done = [], 0
    for unit in reading(heard, language).units:
        spelling = next((text for texts, text in spellings if _number(unit.texts) and texts & unit.texts), None)
        if spelling is not None:
            parts += [heard[done : unit.start], spelling]
            done = unit.end
    return "".join([*parts, heard[done:]])


def _number(texts: frozenset[str]) -> bool:
    return any(char.isdecimal() for text in texts for char in text)
