"""Decides whether a translation has the numbers of what was said: by value, however they are written. Pure.

Numbers are read as everywhere (`pipeline.text.values`). One in digits asks for its like, and so does one in the words
of six languages; of three more, from 13 on. A word that may be something else ("second", "cuarto", "sei") explains a
number and asks for none. So do the number words of the other languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.text.language import PROMISED
from pipeline.text.translation_checks.explaining_words import EXPLAINING, SURE
from pipeline.text.translation_checks.tokens import bare
from pipeline.text.values import Reading, Value, reading
from pipeline.text.values.atoms import Kind
from pipeline.text.values.digits import read
from pipeline.text.values.lexicon import fold, lexicon

_FREEZING = re.compile(
    r"\b(?:below (?:zero|freezing)|bajo cero|(?:en dessous de|au-dessous de|sous) z[eé]ro|unter null|"
    r"abaixo de zero|sotto (?:lo )?zero)\b",
    re.IGNORECASE,
)
_SCALED = re.compile(r"\s?(?:тыс|млн|млрд|tys|mln|mld|mio|mrd)\b")
"""Short scales that no table of number words has: a number before them is not compared."""
_CLOCK = re.compile(
    r"\d[:h.]\d\d|\b[ap]\.?\s?m\b|uhr\b|heures?\b|o'?clock|\bhoras?\b|\bore\b|morning|evening|afternoon|night|manana|"
    r"tarde|noche|matin|soir|morgen|abend|nacht|manha|noite|mattina|sera|下午|上午|午後|午前|오후|오전"
)
_HALF_DAY, _AFTERNOON = 12, range(13, 25)
_TIME = re.compile(r"(\d+):(\d\d)")
_HYPHEN = re.compile(r"[-\u2010\u2011]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+|/0*[1-9]\d*)?")
_LONGEST = 40
"""Signs of a number beyond which nobody means one."""
_SHORTEST_STEM = 4
_SMALL = 12
_LARGE_ONES = frozenset({"nl", "pl", "ru"})
"""Languages of which words from 13 on are nothing but numbers. In others some are: "yüz" is a face, 千万 is "by all
means", "이" is "this"."""

Meaning = Fraction | str
"""A number; or a time of day, a version, and what else is no number, as text."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text. `values` are what it may mean; a loose one may be no number at all."""

    values: frozenset[Meaning]
    loose: bool = False
    written: bool = False
    """True if it is in digits."""
    spelled: str = ""
    """Its digits, as in a telephone number."""
    parts: tuple[Number, ...] = ()
    """The numbers in it: of 7:30 they are 7 and 30. Empty for one that has no parts."""


def differ(said: str, source: str, text: str, target: str) -> bool:
    """Return True if a number of `said` is missing in `text`, its translation, or another stands there."""
    theirs, ours = numbers(said, source), numbers(text, target)
    if source not in SURE or target not in SURE:
        theirs, ours = _unless_small(theirs), _unless_small(ours)
    readable = source in PROMISED and target in PROMISED
    if not readable and not (_strict(theirs) and _strict(ours)):
        return False
    if any(_spelled(theirs, loose) == _spelled(ours, loose) for loose in (False, True)):
        return False
    clock = _CLOCK.search(bare(said)) is not None or _CLOCK.search(bare(text)) is not None
    left, right = _unmatched(theirs, ours, clock)
    return bool(left or right) if readable else bool(left and right)


def numbers(text: str, language: str) -> list[Number]:
    """Return the numbers of a text in order. `language`: a primary subtag."""
    plain = _FREEZING.sub(" ", text)
    found = list(_read(reading(plain, language), language))
    if plain == text:
        return found
    return [
        replace(one, values=one.values | {-value for value in one.values if not isinstance(value, str)})
        for one in found
    ]


def _unless_small(found: Sequence[Number]) -> list[Number]:
    """Return the numbers; small ones in words are loose. Other languages have a dual, a pair, or no word for them."""
    return [one if one.written or not _small(one.values) else replace(one, loose=True) for one in found]


def _small(values: Iterable[Meaning]) -> bool:
    return all(not isinstance(value, str) and abs(value) <= _SMALL for value in values)


def _strict(found: Sequence[Number]) -> list[Number]:
    return [one for one in found if not one.loose]


def _spelled(found: Sequence[Number], loose: bool) -> str:
    """Return all digits in order: "one two three" and 123 have the same."""
    return "".join(one.spelled for one in found if not one.loose or (loose and len(one.values) == 1))


def _unmatched(theirs: list[Number], ours: list[Number], clock: bool) -> tuple[list[Number], list[Number]]:
    """Return the numbers of each side that nothing of the other side is like. Loose ones are never left over."""
    left, right = _cancelled(theirs, ours, clock)
    if _strict([*left, *right]):
        left, right = _cancelled([*_parts(left)], [*_parts(right)], clock)
    return _strict(left), _strict(right)


def _cancelled(theirs: list[Number], ours: list[Number], clock: bool) -> tuple[list[Number], list[Number]]:
    left, right = [], sorted(ours, key=lambda one: one.loose)
    for one in sorted(theirs, key=lambda one: one.loose):
        like = next((other for other in right if _alike(one, other, clock)), None)
        if like is None:
            left.append(one)
        else:
            right.remove(like)
    return left, right


def _alike(one: Number, other: Number, clock: bool) -> bool:
    """Return True if two numbers may be the same; on a clock 3 and 15 are."""
    if not one.values.isdisjoint(other.values):
        return True
    return clock and any(_half_a_day_apart(mine, theirs) for mine in one.values for theirs in other.values)


def _half_a_day_apart(one: Meaning, other: Meaning) -> bool:
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return abs(one - other) == _HALF_DAY and max(one, other) in _AFTERNOON
    mine, theirs = _TIME.fullmatch(str(one)), _TIME.fullmatch(str(other))
    if mine is None or theirs is None or mine[2] != theirs[2]:
        return False
    return (int(mine[1]) - int(theirs[1])) % _HALF_DAY == 0


def _parts(found: Sequence[Number]) -> Iterator[Number]:
    for one in found:
        yield from one.parts or (one,)


def _read(text: Reading, language: str) -> Iterator[Number]:
    """Yield the numbers of a text, the longest at each place, and the words that may explain one."""
    place = 0
    while place < len(text):
        value = None if text.is_mark(place) else text.longest(place)
        if value is None:
            yield from _explaining(text, place, language)
            place += 1
            continue
        end = text.atoms[place + value.length - 1].end
        if not _SCALED.match(text.text, end):
            whole = _number(text, place, value, language)
            negative = text.keys[place] == "-"
            yield whole if negative else replace(whole, parts=tuple(_within(text, place, value.length, language)))
        place += value.length


def _number(text: Reading, place: int, value: Value, language: str) -> Number:
    atoms = text.atoms[place : place + value.length]
    written = any(one.kind is Kind.NUMBER for one in atoms)
    meanings = {meaning for one in value.texts for meaning in _meanings(one)}
    if len(atoms) == 1 and written:
        meanings |= {meaning for mark in ".," for meaning in _meanings(read(atoms[0].key, mark).text)}
    sign = text.keys[place] == "-"
    if sign and not (written and (atoms[0].start == 0 or text.text[atoms[0].start - 1].isspace())):
        meanings |= {-one for one in meanings if isinstance(one, Fraction)}  # 10-15, "menos"
    explained = _known(text, place, language) if value.length == 1 and not written else frozenset()
    sure = language in SURE or (language in _LARGE_ONES and not _small(meanings))
    loose = not written and (
        not sure or bool(explained) or meanings <= {0, 1} or all(one[0] == "#" for one in value.texts)
    )
    runs = [run for one in atoms for run in re.findall(r"\d+", one.key)] if written else []
    numeric = [one for one in meanings if isinstance(one, Fraction)]
    spelled = ".".join(runs) or (str(abs(min(numeric))) if numeric else str(min(meanings)).replace(":", "."))
    return Number(frozenset(meanings | explained), loose, written, f"-{spelled}" if sign else spelled)


def _within(text: Reading, place: int, length: int, language: str) -> Iterator[Number]:
    """Yield the single numbers in a value: 7 and 30 in 7:30, 7 in "half past seven", 250 in "250 euros"."""
    end = place + length
    while place < end:
        count = min(text.number(place), end - place)
        if count <= 1 and text.atoms[place].kind is Kind.NUMBER:
            runs = re.findall(r"\d+", text.atoms[place].key)
            yield from (Number(frozenset((Fraction(run),)), written=True, spelled=run) for run in runs)
        elif count:
            single = (value for value in text.values(place) if value.length == count)
            yield from (_number(text, place, value, language) for value in single)
        else:
            yield from _explaining(text, place, language)
        place += max(1, count)


def _meanings(text: str) -> Iterator[Meaning]:
    """Yield what a value's text may mean without its unit: "95 EUR", "#3", "may 3", "7:00"."""
    named = text.split(" ")
    bare_text = (named[-1] if text[:1].isalpha() else named[0]).removeprefix("#")
    if len(bare_text) > _LONGEST:
        yield bare_text
    elif _NUMBER.fullmatch(bare_text):
        yield Fraction(bare_text)
    else:
        yield bare_text
        if bare_text.endswith(":00") and (time := _TIME.fullmatch(bare_text)):
            yield Fraction(time[1])


def _explaining(text: Reading, place: int, language: str) -> Iterator[Number]:
    """Yield the number that a word may explain, though it is none: "twice", "half", "zweimal", "six-digit"."""
    atom = text.atoms[place]
    if atom.kind is not Kind.WORD:
        return
    if known := _known(text, place, language):
        yield Number(known, loose=True)
    elif language == "de" and (stem := _stem(fold(atom.key, language))) is not None:
        yield Number(frozenset((Fraction(stem),)), loose=True)
    elif len(pieces := _HYPHEN.split(text.text[atom.start : atom.end])) > 1:
        table = lexicon(language)
        found = (table.parts(fold(piece.casefold(), table.language)) for piece in pieces)
        yield from (Number(frozenset((Fraction(parts[0].value),)), loose=True) for parts in found if len(parts) == 1)


def _known(text: Reading, place: int, language: str) -> frozenset[Meaning]:
    """Return what the table of words that explain numbers has for a word; nothing for most."""
    return frozenset(EXPLAINING.get(language, {}).get(fold(text.atoms[place].key, language), ()))


def _stem(word: str) -> int | None:
    """Return the value of the number at the beginning of a German word: "sechsstellig", "zweimal", "vierte"."""
    table = lexicon("de")
    for end in range(len(word) - 1, _SHORTEST_STEM - 1, -1):
        parts = table.parts(word[:end])
        if len(parts) == 1 and parts[0].value > 1:
            return int(parts[0].value)
    return None
