"""Tells which values of what was said are kept, lost or changed in a text, and which are said twice there. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.text.values import reading

_HYPHENS = re.compile(r"\b\d(?:-\d)+\b")
_MISSING, _OTHER, _ANOTHER_KIND = 2, 3, 5
"""Costs of a unit that is missing or new, of another one of its kind, and of a word in place of a number."""


class Fate(StrEnum):
    """Result of a value that was said."""

    KEPT = "kept"
    LOST = "lost"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Found:
    """`fates`: of each value that was said, in order. `twice` and `new`: values beside them, in any spelling."""

    fates: tuple[Fate, ...]
    twice: tuple[str, ...] = ()
    """Values that stand beside one of the same."""
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """Values that were said, and what became of them."""

    said: int = 0
    twice: int = 0
    lost: int = 0
    changed: int = 0
    new: int = 0

    def __add__(self, other: Values) -> Values:
        return Values(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def wrong(self) -> int:
        """Number of values that are not as they were said."""
        return self.twice + self.lost + self.changed + self.new

    def as_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


def found(said: str, heard: str, language: str, *, spelled: bool = False) -> Found:
    """Return what became of the values of a text in another one.

    `spelled`: digits were said one by one, and each is a value, however a text groups them.
    """
    one, other = (list(_units(text, language, spelled)) for text in (said, heard))
    fates: list[Fate] = []
    beside: list[int] = []
    for a, b in _aligned(one, other):
        if a is not None and _is_number(one[a]):
            kept = b is not None and not one[a].isdisjoint(other[b])
            fates.append(Fate.KEPT if kept else Fate.LOST if b is None or not _is_number(other[b]) else Fate.CHANGED)
        elif b is not None and _is_number(other[b]) and (a is None or one[a].isdisjoint(other[b])):
            beside.append(b)
    numbers = [n for n, unit in enumerate(other) if _is_number(unit)]
    twice = [b for b in beside if any(not other[b].isdisjoint(other[n]) for n in _next_to(numbers, b))]
    return Found(
        tuple(fates),
        tuple(min(other[b]) for b in twice),
        tuple(min(other[b]) for b in beside if b not in twice),
    )


def counted(call: Found, whole: Found | None = None) -> Values:
    """Return the counts of a call. With `whole`, those that a pass over the whole sound does not have, too."""
    bad = [
        fate
        for n, fate in enumerate(call.fates)
        if fate is not Fate.KEPT and (whole is None or whole.fates[n] is Fate.KEPT)
    ]
    its_own = Counter[str]() if whole is None else Counter(whole.twice + whole.new)
    return Values(
        len(call.fates),
        (Counter(call.twice) - its_own).total(),
        bad.count(Fate.LOST),
        bad.count(Fate.CHANGED),
        (Counter(call.new) - its_own).total(),
    )


def _units(text: str, language: str, spelled: bool) -> Iterator[frozenset[str]]:
    together = _HYPHENS.sub(lambda found: found[0].replace("-", ""), text)  # "1-2-3-4" is 1234
    for unit in reading(together, language).units:
        digits = max((one for one in unit.texts if one.isdecimal()), key=len, default="")
        if spelled and digits:
            yield from map(frozenset, digits)
        else:
            yield unit.texts


def _is_number(texts: frozenset[str]) -> bool:
    return any(char.isdecimal() for text in texts for char in text)


def _next_to(numbers: Sequence[int], place: int) -> list[int]:
    """Return the numbers before and after one of them."""
    n = numbers.index(place)
    return [*numbers[max(0, n - 1) : n], *numbers[n + 1 : n + 2]]


def _aligned(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> Iterator[tuple[int | None, int | None]]:
    """Yield pairs of places that belong together at the least cost, in order. None: nothing does."""
    rows, columns = len(one), len(other)
    rest = [[0] * (columns + 1) for _ in range(rows + 1)]
    for a in range(rows, -1, -1):
        for b in range(columns, -1, -1):
            ways = [rest[a + 1][b] + _MISSING] if a < rows else []
            ways += [rest[a][b + 1] + _MISSING] if b < columns else []
            ways += [rest[a + 1][b + 1] + _cost(one[a], other[b])] if a < rows and b < columns else []
            rest[a][b] = min(ways, default=0)
    a = b = 0
    while a < rows or b < columns:
        if a < rows and b < columns and rest[a][b] == rest[a + 1][b + 1] + _cost(one[a], other[b]):
            yield a, b
            a, b = a + 1, b + 1
        elif a < rows and rest[a][b] == rest[a + 1][b] + _MISSING:
            yield a, None
            a += 1
        else:
            yield None, b
            b += 1


def _cost(one: frozenset[str], other: frozenset[str]) -> int:
    if not one.isdisjoint(other):
        return 0
    return _OTHER if _is_number(one) == _is_number(other) else _ANOTHER_KIND
