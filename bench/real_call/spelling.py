"""Spells the numbers of one text as another one spells them, so that words alone are counted as errors. Pure."""

from __future__ import annotations

import re

from pipeline.text.values import reading

_DIGITS = re.compile(r"\d+(?:[.:,'’]\d+)?")


def respelled(heard: str, said: str, language: str) -> str:
    """Return `heard` with each number as `said` spells it, where the same value is in `said`; "95": "ninety five".

    A time of day may have any mark, for none is heard: "four twenty" is "4:20", "4.20" and "420". A value that is not
    in `said` stays as it is.
    """
    spellings = [(one.texts, said[one.start : one.end]) for one in reading(said, language).units if _number(one.texts)]
    parts, done = [], 0
    for unit in reading(heard, language).units:
        spelling = next((text for texts, text in spellings if _number(unit.texts) and texts & unit.texts), None)
        if spelling is not None:
            parts += [heard[done : unit.start], spelling]
            done = unit.end
    times = {_bare(one): text for texts, text in spellings for one in texts if ":" in one}
    return _DIGITS.sub(lambda found: times.get(_bare(found[0]), found[0]), "".join([*parts, heard[done:]]))


def _bare(number: str) -> str:
    return re.sub(r"\D", "", number)


def _number(texts: frozenset[str]) -> bool:
    return any(char.isdecimal() for text in texts for char in text)
