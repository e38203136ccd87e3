"""Finds the numbers that begin at an atom of a text, in digits or in words, and those that follow them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pipeline.text.values.atoms import Atom, Kind
from pipeline.text.values.composition import Number, Part, prefixes
from pipeline.text.values.digits import Digits, plain, read
from pipeline.text.values.lexicon import Lexicon, Phrase

_MOST_PARTS, _LONGEST_RUN, _LONGEST_UNIT = 40, 16, 9
_ADDED = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}


@dataclass(frozen=True, slots=True)
class Found:
    """A number up to atom `end`. `text` is the same for all spellings of one value."""

    end: int
    text: str
    value: Number
    ordinal: bool = False
    literal: bool = False


@dataclass(slots=True)
class Numbers:
    """Numbers of a text. `folded` are the keys of its atoms as the lexicon has them."""

    atoms: Sequence[Atom]
    folded: Sequence[str]
    lexicon: Lexicon
    phrases: dict[str, list[Phrase]] = field(init=False)
    """Phrases by their first word, those whose fixed words all stand in the text."""
    _known: dict[int, tuple[Found, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Leave out the phrases that can't be in the text, which nearly all are."""
        words = frozenset(self.folded)
        self.phrases = {}
        for first, some in self.lexicon.times.items():
            if fitting := [one for one in some if one.fixed <= words]:
                self.phrases[first] = fitting

    def at(self, place: int) -> tuple[Found, ...]:
        """Return each number that begins at an atom, the shortest first: "two", "two hundred", "two hundred five"."""
        if place not in self._known:
            self._known[place] = tuple(self._at(place))
        return self._known[place]

    def alone(self, place: int) -> str | None:
        """Return what an atom is if nothing belongs to it but itself. None: it is no number, or an ordinal."""
        parts = self._words_at(place)
        count, value = max(prefixes(parts, self.lexicon.rules), default=(0, 0))
        if not parts or count < len(parts) or any(part.ordinal for part in parts):
            return None
        return parts[0].text or plain(value) if count == 1 else plain(value)

    def digits(self, place: int) -> Digits | None:
        """Return what an atom's digits mean. None: it has none."""
        if place >= len(self.atoms) or self.atoms[place].kind is not Kind.NUMBER:
            return None
        return read(self.atoms[place].key, self.lexicon.decimal)

    def run(self, place: int) -> list[Found]:
        """Return the numbers that follow each other without a word or a mark between: "nineteen", "ninety five"."""
        found: list[Found] = []
        while len(found) < _LONGEST_RUN and (some := self.at(place)):
            found.append(some[-1])
            place = some[-1].end
        return found

    def decimals(self, place: int) -> list[Found]:
        """Return the decimal numbers that begin at an atom, in words or with a fraction: "three point five", "2½"."""
        some = self.at(place)
        if not some or some[-1].ordinal or not isinstance(some[-1].value, int):
            return []
        whole, table = some[-1], self.lexicon
        if whole.end >= len(self.atoms):
            return []
        point = self.folded[whole.end]
        if point in _ADDED:
            value: Number = whole.value + _ADDED[point]
            return [Found(whole.end + 1, plain(value), value)]
        if self.atoms[whole.end].kind is not Kind.WORD or point not in table.points:
            return []
        fraction, end, found = "", whole.end + 1, list[Found]()
        while small := [one for one in self.at(end) if not one.ordinal and one.text.isdecimal() and one.value < 100]:
            fraction, end = fraction + small[-1].text, small[-1].end
            following = self.folded[end] if end < len(self.atoms) else ""
            if following in table.tenths:
                found.append(self._decimal(whole, fraction.zfill(table.tenths[following]), end + 1))
            elif point not in table.joins:
                found.append(self._decimal(whole, fraction, end))
                scale = table.numbers.get(following)
                if scale is not None and scale.value >= 1000 and not scale.ordinal:
                    value = found[-1].value * scale.value
                    found.append(Found(end + 1, plain(value), value))
        return found

    def unit_at(self, place: int) -> list[tuple[int, str]]:
        """Return (end, name) for each unit that begins at an atom."""
        found = []
        for length in range(min(_LONGEST_UNIT, len(self.atoms) - place), 0, -1):
            names = self.lexicon.units.get(tuple(self.folded[place : place + length]), frozenset())
            found += [(place + length, name) for name in names]
        return found

    def _at(self, place: int) -> list[Found]:
        parts, ends = self._parts(place)
        found = []
        for count, value in prefixes(parts, self.lexicon.rules):
            if ends[count - 1]:
                ordinal = any(part.ordinal for part in parts[:count])
                alone = parts[0] if count == 1 else Part(value)
                found.append(Found(ends[count - 1], alone.text or plain(value), value, ordinal, alone.literal))
        if not found and parts and all(part.value < 10 and not part.ordinal for part in parts):
            # Digits that are said one by one and written as one word.
            count = next(n for n, end in enumerate(ends, 1) if end)
            text = "".join(plain(part.value) for part in parts[:count])
            found.append(Found(ends[count - 1], text, int(text)))
        return found

    def _parts(self, place: int) -> tuple[list[Part], list[int]]:
        """Return the number words from an atom on, and behind which atom each ends; 0 inside of an atom."""
        parts: list[Part] = []
        ends: list[int] = []
        joined = False
        while place < len(self.atoms) and len(parts) < _MOST_PARTS:
            some = self._words_at(place)
            if not some:
                if joined or not parts or self.folded[place] not in self.lexicon.joins:
                    break
                joined = True
                place += 1
                continue
            place += 1
            parts += [replace(some[0], joined=True), *some[1:]] if joined else some
            ends += [0] * (len(some) - 1) + [place]
            joined = False
        return parts, ends

    def _words_at(self, place: int) -> tuple[Part, ...]:
        """Return the parts of a number in one atom; none if it is no number."""
        kind, word = self.atoms[place].kind, self.folded[place]
        if kind is Kind.NUMBER:
            digits = read(self.atoms[place].key, self.lexicon.decimal)
            return () if digits.number is None else (Part(digits.number, literal=True, text=digits.text),)
        if kind is not Kind.WORD:
            return ()
        if word in self.lexicon.articles and place + 1 < len(self.atoms):
            after = self.lexicon.parts(self.folded[place + 1])
            return (Part(1),) if after and after[0].value >= 100 and not after[0].ordinal else ()
        return self.lexicon.parts(word)

    def _decimal(self, whole: Found, fraction: str, end: int) -> Found:
        text = f"{whole.text}.{fraction}"
        return Found(end, text, Decimal(text))
