"""Reads a text as values: which number, amount, ordinal or time of day may begin at each of its atoms. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline.text.abbreviations import ORDINALS
from pipeline.text.values.atoms import Kind, atoms
from pipeline.text.values.clock import phrases
from pipeline.text.values.composition import Number
from pipeline.text.values.digits import plain
from pipeline.text.values.lexicon import MINOR, OF_MONTHS, fold, lexicon
from pipeline.text.values.numbers import Found, Numbers

_FRACTIONS = {"½": ("1/2", "0.5"), "¼": ("1/4", "0.25"), "¾": ("3/4", "0.75"), "⅓": ("1/3",), "⅔": ("2/3",)}
_PHONE = 7
"""Digits from which on groups with hyphens between them are one number."""
_LONG = 5
"""Digits from which on groups of digits with spaces between them are one number."""


@dataclass(frozen=True, slots=True)
class Value:
    """`texts` are what the next `length` atoms may mean. Two spellings of one value have one of them in common."""

    length: int
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A value, or a word that is none: `text[start:end]`, and what it may mean."""

    start: int
    end: int
    texts: frozenset[str]


class Reading:
    """A text as atoms, and the values that begin at them. Nothing of it changes but what was read already."""

    __slots__ = ("_plain", "_reach", "_units", "_values", "atoms", "keys", "numbers", "text")

    def __init__(self, text: str, language: str) -> None:
        table = lexicon(language)
        self.text = text
        self.atoms = tuple(atoms(text, language))
        folded = [fold(one.key, table.language) if one.kind is Kind.WORD else one.key for one in self.atoms]
        named = zip(self.atoms, folded, strict=True)
        self.keys = tuple(table.signs.get(key, one.key) if one.kind is Kind.WORD else one.key for one, key in named)
        """Keys by which atoms are compared: words for signs are those signs."""
        self.numbers = Numbers(self.atoms, folded, table)
        self._values: dict[int, tuple[Value, ...]] = {}
        self._units: list[Unit] | None = None
        parts = [one.kind is Kind.WORD and bool(table.parts(key)) for one, key in zip(self.atoms, folded, strict=True)]
        self._plain = tuple(
            atom.kind is Kind.MARK
            or (
                atom.kind is Kind.WORD
                and not (key in table.before or key in table.times or key in table.articles or key in table.months)
                and table.signs.get(key) != "-"
                and not number
            )
            for atom, key, number in zip(self.atoms, folded, parts, strict=True)
        )
        self._reach = [0] * (len(folded) + 1)
        for place in range(len(folded) - 1, -1, -1):
            if self.atoms[place].kind is not Kind.WORD or parts[place] or folded[place] in table.inner:
                self._reach[place] = self._reach[place + 1] + 1

    def __len__(self) -> int:
        """Return the number of atoms."""
        return len(self.atoms)

    def is_mark(self, place: int) -> bool:
        """Return True if an atom ends a sentence or a clause."""
        return self.atoms[place].kind is Kind.MARK

    def reach(self, place: int) -> int:
        """Return the place behind which no value that begins at an atom ends; the atom itself if none begins there."""
        return place if self._plain[place] else place + max(1, self._reach[place])

    def values(self, place: int) -> tuple[Value, ...]:
        """Return the values that begin at an atom, the longest first."""
        if self._plain[place]:
            return ()
        if place not in self._values:
            found: dict[int, set[str]] = {}
            for end, text in self._read(place):
                found.setdefault(end - place, set()).add(text)
            self._values[place] = tuple(Value(n, frozenset(found[n])) for n in sorted(found, reverse=True))
        return self._values[place]

    def longest(self, place: int) -> Value | None:
        """Return the longest value that begins at an atom, with all that it may mean without a mark at its end."""
        values = self.values(place)
        if not values:
            return None
        length = values[0].length
        bare = next(n for n in range(length, 0, -1) if not self.is_mark(place + n - 1))
        return Value(length, frozenset[str]().union(*(value.texts for value in values if value.length >= bare)))

    def canonical(self, place: int) -> str:
        """Return an atom's key, and digits for the word of a number."""
        return (None if self._plain[place] else self.numbers.alone(place)) or self.keys[place]

    def number(self, place: int) -> int:
        """Return the atoms of the longest single number that begins at an atom; 0 if none does."""
        some = () if self._plain[place] else self.numbers.at(place)
        return some[-1].end - place if some else 0

    @property
    def units(self) -> list[Unit]:
        """The values, the longest at each place, and all other words, in order; no marks."""
        if self._units is None:
            self._units, place = [], 0
            while place < len(self.atoms):
                value = self.longest(place) or Value(1, frozenset((self.keys[place],)))
                last = place + value.length - 1
                if not self.is_mark(place):
                    self._units.append(Unit(self.atoms[place].start, self.atoms[last].end, value.texts))
                place = last + 1
        return self._units

    def _read(self, place: int) -> Iterator[tuple[int, str]]:
        numbers = self.numbers
        key = numbers.folded[place]
        for one in numbers.at(place):
            yield one.end, f"#{one.text}" if one.ordinal else one.text
        digits = numbers.digits(place)
        if digits is not None:
            yield place + 1, digits.text
            if digits.time:
                yield place + 1, digits.time
            yield from self._written(place)
        if key in _FRACTIONS:
            yield from ((place + 1, text) for text in _FRACTIONS[key])
        yield from _together(numbers.run(place))
        yield from self._dates(place)
        for one in numbers.decimals(place):
            yield one.end, one.text
        for end, text, half in phrases(numbers, place):
            yield end, text
            if half is not None:
                yield end, plain(half)
        for end, value in self._amounts(place):
            for until, unit in numbers.unit_at(end):
                yield until, f"{plain(value)} {unit}"
                if unit.isupper() and len(unit) == 3:
                    yield from self._with_minor(until, value, unit)
        if self.keys[place] == "-" and self.keys[place + 1 : place + 2] not in ((), ("-",)):  # no sign of a sign
            for positive in self.values(place + 1):
                texts = (f"-{text}" for text in positive.texts if text[0].isdecimal())
                yield from ((place + 1 + positive.length, text) for text in texts)
        for unit in numbers.lexicon.before.get(key, ()):
            for end, value in self._amounts(place + 1):
                yield end, f"{plain(value)} {unit}"

    def _amounts(self, place: int) -> Iterator[tuple[int, Number]]:
        """Yield (end, value) of each number of things that begins at an atom."""
        if place >= len(self.atoms):
            return
        numbers = self.numbers
        for one in (*numbers.at(place), *numbers.decimals(place)):
            if not one.ordinal:
                yield one.end, one.value
        for end, _, value in phrases(numbers, place):
            if value is not None:
                yield end, value
        run = numbers.run(place)
        if len(run) > 1 and (together := _grouped(run)) is not None:
            yield run[-1].end, int(together)

    def _with_minor(self, place: int, value: Number, unit: str) -> Iterator[tuple[int, str]]:
        """Yield an amount of money whose hundredths are said apart: "five euros and fifty cents", "5 Euro 50"."""
        numbers = self.numbers
        joined = place < len(self.atoms) and numbers.folded[place] in numbers.lexicon.joins
        for one in numbers.at(place + joined) if place + joined < len(self.atoms) else ():
            if one.ordinal or not isinstance(one.value, int) or not 0 < one.value < 100:
                continue
            text = f"{plain(value + Decimal(one.value) / 100)} {unit}"
            ends = [end for end, name in numbers.unit_at(one.end) if name == MINOR]
            if ends:
                yield ends[0], text
            elif one.value >= 10 and not joined:
                yield one.end, text

    def _written(self, place: int) -> Iterator[tuple[int, str]]:
        """Yield what digits are together with what is written next to them: "3rd", "1/2", "555-1234", "3. Mai"."""
        number = self.atoms[place].key
        after = place + 1
        if not number.isdecimal() or after >= len(self.atoms):
            return
        ordinal = self.numbers.lexicon.language in ORDINALS and len(number) <= 2 and after + 1 < len(self.atoms)
        if ordinal and self._stops(place):
            yield after + 1, f"#{int(number)}"
        if (end := self._suffix(place)) is not None:
            yield end, f"#{int(number)}"
        sign, groups = self.atoms[after].key, [number]
        end = place
        while end + 2 < len(self.atoms) and self.atoms[end + 1].key == sign and self.atoms[end + 2].key.isdecimal():
            groups.append(self.atoms[end + 2].key)
            end += 2
        if sign == "/" and len(groups) == 2:
            yield end + 1, "/".join(str(int(group)) for group in groups)
        if sign == "-" and len(groups) > 1 and min(map(len, groups)) > 1 and len("".join(groups)) >= _PHONE:
            yield end + 1, "".join(groups)

    def _suffix(self, place: int) -> int | None:
        """Return the end of what makes an ordinal of digits: "3rd", "3.º", "3-й". None: nothing does."""
        ending = place + 1
        if ending < len(self.atoms) and self.is_mark(ending):
            ending += 1
        if ending >= len(self.atoms) or self.numbers.folded[ending] not in self.numbers.lexicon.suffixes:
            return None
        return ending + 1 if self._gap(place, ending) in ("", "-", "'", "’", ".") else None

    def _dates(self, place: int) -> Iterator[tuple[int, str]]:
        """Yield a day of a month, be its number an ordinal or not: "May 3", "May 3rd", "third of May", "3. Mai"."""
        folded, months = self.numbers.folded, self.numbers.lexicon.months
        if folded[place] in months:
            yield from ((end, f"{folded[place]} {day}") for end, day in self._days(place + 1))
        for end, day in self._days(place):
            end += end < len(folded) and folded[end] in OF_MONTHS
            if end < len(folded) and folded[end] in months:
                yield end + 1, f"{folded[end]} {day}"

    def _days(self, place: int) -> Iterator[tuple[int, Number]]:
        """Yield (end, number) for each day of a month that begins at an atom."""
        for one in self.numbers.at(place):
            if isinstance(one.value, int) and 1 <= one.value <= 31:
                yield one.end, one.value
                if one.literal and (end := self._suffix(place)) is not None:
                    yield end, one.value
                elif one.literal and self._stops(place):
                    yield one.end + 1, one.value

    def _stops(self, place: int) -> bool:
        """Return True if a full stop is joined to an atom."""
        after = place + 1
        stop = after < len(self.atoms) and self.is_mark(after) and self.atoms[after].key == "."
        return stop and self._gap(place, after) == ""

    def _gap(self, place: int, other: int) -> str:
        return self.text[self.atoms[place].end : self.atoms[other].start]


def _together(run: Sequence[Found]) -> Iterator[tuple[int, str]]:
    """Yield what numbers mean that follow each other: a time of day, a year, digits one by one, groups of digits."""
    if len(run) < 2 or any(one.ordinal or not one.text.isdecimal() for one in run[:2]):
        return
    hour, minute = run[0], run[1]
    if hour.value <= 24 and 10 <= minute.value < 60:
        yield minute.end, f"{hour.value}:{minute.value:02}"
    elif hour.value <= 24 and minute.text == "0" and len(run) > 2 and 0 < run[2].value < 10:
        yield run[2].end, f"{hour.value}:0{run[2].value}"
    for count in range(2, len(run) + 1):
        if (text := _grouped(run[:count])) is not None:
            yield run[count - 1].end, text


def _grouped(run: Sequence[Found]) -> str | None:
    """Return the one number that several are, or None."""
    texts = [one.text for one in run]
    if not all(text.isdecimal() and not one.ordinal for text, one in zip(texts, run, strict=True)):
        return None
    lengths = [len(text) for text in texts]
    one_by_one = len(run) > 2 and max(lengths) == 1
    year = lengths in ([2, 2], [2, 1, 1]) and texts[0][0] != "0" and (len(run) == 2 or texts[1] == "0")
    groups = all(one.literal for one in run) and (
        (lengths[0] <= 3 and texts[0][0] != "0" and set(lengths[1:]) == {3}) or sum(lengths) >= _LONG
    )
    return "".join(texts) if one_by_one or year or groups else None


@lru_cache(maxsize=512)
def reading(text: str, language: str) -> Reading:
    """Return a text's values. Passes say the same again and again: what was read lately is kept."""
    return Reading(text, language)
