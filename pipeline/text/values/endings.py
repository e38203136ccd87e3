"""Decides whether a text ends in a value, which may go on or is whole, or in the beginning of one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache

from pipeline.text.values.atoms import Kind
from pipeline.text.values.clock import is_begun
from pipeline.text.values.lexicon import OF_MONTHS
from pipeline.text.values.reading import Reading, reading

_LONGEST = 12
"""Atoms before the end among which the beginning of a value is looked for."""
_LAST_DAY = 31
_MORE = " 30"
"""A number that may be hundredths of an amount of money."""
_MEASURE = re.compile(r"-?[\d.]+ (?!h$)\S+")
"""A number and its unit, which is no hour."""


class Ending(Enum):
    """Kind of a text's end, whatever mark stands behind it."""

    WORD = auto()
    """No value with a number in it. A lone "one", "oh", "first" or "second" mostly counts nothing."""
    VALUE = auto()
    """A value with a number in it, and nothing behind it: "two hundred", "five dollars"."""
    MEASURE = auto()
    """A value whose unit stands behind its number, and that no number can follow: "15 minutes", "20 %"."""
    BEGUN = auto()
    """The beginning of a value, which is none yet: "two hundred and", "three point", "half past"."""


@lru_cache(maxsize=256)
def ending(text: str, language: str) -> Ending:
    """Return the kind of a text's end."""
    read = reading(text, language)
    end = len(read)
    while end and read.is_mark(end - 1):
        end -= 1
    if not end:
        return Ending.WORD
    if _ends_in_number(read):
        return Ending.MEASURE if _is_measure(read, end, language) else Ending.VALUE
    return Ending.BEGUN if any(_begins(read, place, end) for place in _places(read, end)) else Ending.WORD


def _ends_in_number(read: Reading) -> bool:
    """Return True if the last value reaches to the end, and has a number in it."""
    last = read.units[-1]
    places = [n for n, atom in enumerate(read.atoms) if last.start <= atom.start < last.end and not read.is_mark(n)]
    return any(_is_number(read, n) for n in places) and not (len(places) == 1 and _counts_nothing(read, places[0]))


def _is_measure(read: Reading, end: int, language: str) -> bool:
    """Return True if the last value ends in its unit, and a number behind it would be none of it.

    "Five dollars" takes one, and so may hours, which are a time of day in some languages: "14 Uhr", "два часа".
    """
    last = read.units[-1]
    if _is_number(read, end - 1) or not all(map(_MEASURE.fullmatch, last.texts)):
        return False
    first = next(place for place in range(end, 0, -1) if _is_number(read, place - 1))
    if _begins_unit(read, first, end):
        return False  # "sixty kilometers" of sixty kilometers per hour
    longer = reading(read.text[: read.atoms[end - 1].end] + _MORE, language)
    return longer.units[-1].start > last.start


def _counts_nothing(read: Reading, place: int) -> bool:
    """Return True for a word that is rather no number: one, oh, first or second, without a number before it."""
    if read.atoms[place].kind is not Kind.WORD or (place and _is_number(read, place - 1)):
        return False
    one = read.numbers.at(place)[-1]
    return one.value <= (2 if one.ordinal else 1)


def _is_number(read: Reading, place: int) -> bool:
    return read.atoms[place].kind is Kind.NUMBER or bool(read.numbers.at(place))


def _places(read: Reading, end: int) -> Iterator[int]:
    """Yield the atoms at which a value may begin that reaches over the end."""
    return (place for place in range(max(0, end - _LONGEST), end - 1) if read.reach(place) >= end)


def _begins_unit(read: Reading, place: int, end: int) -> bool:
    """Return True if the atoms from a place to the end are the beginning of a longer unit's name."""
    unit = tuple(read.numbers.folded[place:end])
    return bool(unit) and any(
        len(unit) < len(name) and name[: len(unit)] == unit for name in read.numbers.lexicon.units
    )


def _begins(read: Reading, place: int, end: int) -> bool:
    """Return True if the atoms from a place to the end are the beginning of a value, and none themselves."""
    numbers, table = read.numbers, read.numbers.lexicon
    if any(place + value.length == end for value in read.values(place)):
        return False
    for one in (*numbers.at(place), *numbers.decimals(place)):
        if _begins_unit(read, one.end, end):
            return True
        stops = [one.end, *(stop for stop, _ in numbers.unit_at(one.end))] if one.end < end else []
        after = [numbers.folded[stop] for stop in stops if stop == end - 1]
        if any(word in table.joins or word in table.points for word in after):
            return True
        if one.value <= _LAST_DAY and OF_MONTHS.intersection(after):
            return True
    return is_begun(numbers, place, end)
