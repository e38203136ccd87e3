"""The phrasebook: parallel English and Spanish sentences drawn from templates, and which of them are kept for tests.

`templates.txt` has the sentences, `slots.txt` what their blanks can be; numbers, hours and dates are made here.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
LANGUAGES = ("en", "es")
_BLANK = re.compile(r"\{(\w+)\}")


class Pair(NamedTuple):
    """One sentence in both languages, as it is written."""

    en: str
    es: str


class Template(NamedTuple):
    en: str
    es: str
    blanks: tuple[str, ...]

    @property
    def weight(self) -> float:
        """Chance of being drawn.

        It grows with the number of sentences; a fixed phrase is drawn often enough to be learnt.
        """
        return (1.0, 2.0, 3.0)[min(2, len(self.blanks))]


def _lines(name: str) -> list[str]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


def _pair(line: str) -> Pair:
    en, es = line.split("|")
    return Pair(en.strip(), es.strip())


@cache
def templates() -> tuple[Template, ...]:
    pairs = [_pair(line) for line in _lines("templates.txt") if line]
    return tuple(Template(en, es, tuple(_BLANK.findall(en))) for en, es in pairs)


def _numbers(ones: list[Pair], twenties: list[Pair], tens: list[Pair]) -> list[Pair]:
    """Return two to a hundred. Numbers that end in one are left out, since their Spanish changes with the noun."""
    more = [Pair(f"{ten.en} {one.en}", f"{ten.es} y {one.es}") for ten in tens for one in ones[1:9]]
    return [*ones[1:], *twenties, *tens, *more, Pair("one hundred", "cien")]


@cache
def slots() -> dict[str, tuple[Pair, ...]]:
    """Return the values of each kind of blank, but for the kinds that `_MADE` makes."""
    found: dict[str, list[Pair]] = {}
    name = ""
    for line in _lines("slots.txt"):
        if "|" in line:
            found[name].append(_pair(line))
        elif line:
            name = line
            found[name] = []
    found["NUM"] = _numbers(found["ONES"], found["TWENTIES"], found["TENS"])
    found["SMALL"] = found["ONES"][1:10]
    found["HUNDREDS"] += [Pair(f"{en} and fifty", f"{es} cincuenta") for en, es in found["HUNDREDS"]]
    return {name: tuple(pairs) for name, pairs in found.items()}


def _hour(chance: random.Random) -> Pair:
    hour = slots()["ONES"][chance.randrange(12)]
    es = "la una" if hour.es == "uno" else f"las {hour.es}"
    minutes = chance.choice(
        [
            ("", ""),
            (" thirty", " y media"),
            (" fifteen", " y cuarto"),
            (" ten", " y diez"),
            (" twenty", " y veinte"),
            (" forty", " y cuarenta"),
            (" fifty", " y cincuenta"),
        ]
    )
    part = chance.choice([("", "")] * 2 + [(" in the morning", " de la mañana"), (" in the evening", " de la noche")])
    return Pair(hour.en + minutes[0] + part[0], es + minutes[1] + part[1])


def _hour_is(chance: random.Random) -> Pair:
    en, es = _hour(chance)
    return Pair(en, ("es " if es.startswith("la una") else "son ") + es)


def _digits(chance: random.Random) -> Pair:
    said = [chance.randrange(10) for _ in range(chance.choice([3, 4, 4, 5]))]
    names = [Pair("zero", "cero"), *slots()["ONES"][:9]]
    return Pair(*(" ".join(names[digit][side] for digit in said) for side in (0, 1)))


def _date(chance: random.Random) -> Pair:
    day, month = chance.choice(slots()["ORD"]), chance.choice(slots()["MONTH"])
    return Pair(f"the {day.en} of {month.en}", f"el {day.es} de {month.es}")


_MADE: dict[str, Callable[[random.Random], Pair]] = {
    "HOUR": _hour,
    "HOURIS": _hour_is,
    "DIGS": _digits,
    "DATE": _date,
}


_ANSWERS = ("PLACE", "FOOD", "THING", "DAY", "WHEN", "CITY", "FAMILY", "NUM", "ROOM", "MEAL", "SHOP", "HOUR", "DATE")


def _capital(text: str) -> str:
    at = next(place for place, letter in enumerate(text) if letter.isalpha())
    return text[:at] + text[at].upper() + text[at + 1 :]


def _contracted(text: str) -> str:
    return re.sub(r"\bde el\b", "del", re.sub(r"\ba el\b", "al", text))


def _value(kind: str, chance: random.Random) -> Pair:
    return _MADE[kind](chance) if kind in _MADE else chance.choice(slots()[kind])


def fill(
    template: Template, chance: random.Random, first: tuple[str, Pair] | None = None, *, crossed: bool = False
) -> Pair:
    """Return a sentence of this template; the same value is never twice in it.

    `first`: a blank's kind and its value. `crossed`: with values of any kind.
    """
    values: list[tuple[str, Pair]] = [first] if first is not None else []
    left = list(template.blanks)
    if first is not None:
        left.remove(first[0])
    for blank in left:
        while True:
            value = _value(chance.choice([*slots(), *_MADE]) if crossed else blank, chance)
            if (blank, value) not in values:
                break
        values.append((blank, value))

    def side(text: str, number: int) -> str:
        left = list(values)

        def take(match: re.Match[str]) -> str:
            at = next(at for at, (blank, _) in enumerate(left) if blank == match[1])
            return left.pop(at)[1][number]

        return _BLANK.sub(take, text)

    return Pair(_capital(side(template.en, 0)), _capital(_contracted(side(template.es, 1))))


@cache
def examples() -> tuple[Pair, ...]:
    """Return sentences that together have every word in every place where it can be."""
    chance = random.Random("examples")
    found: list[Pair] = []
    for template in templates():
        found += [fill(template, chance) for _ in range(300 if set(template.blanks) & set(_MADE) else 4)]
        for blank in set(template.blanks) - set(_MADE):
            found += [fill(template, chance, (blank, value)) for value in slots()[blank] for _ in range(2)]
    return tuple(found)


@cache
def _weighed(blank: str | None) -> tuple[list[Template], list[float]]:
    """Return the templates with a blank, or all, and the sums of their weights up to each."""
    known = [one for one in templates() if blank is None or blank in one.blanks]
    return known, list(accumulate(one.weight for one in known))


def draw(chance: random.Random, *, held_out: bool | None = False, blank: str | None = None) -> Pair:
    """Return a sentence by chance: one that is trained on, one that is kept for tests, or (None) any.

    `blank`: only sentences with such a blank.
    """
    known, weights = _weighed(blank)
    while True:
        template = chance.choices(known, cum_weights=weights)[0]
        pair = fill(template, chance)
        if held_out is None or is_held_out(pair) == held_out:
            return pair


@cache
def _crossable() -> tuple[Template, ...]:
    """Return the templates whose blanks are not at the beginning.

    So no word is capitalised that never is in the phrasebook.
    """
    return tuple(
        one for one in templates() if one.blanks and not any(re.match(r"\W*{", text) for text in (one.en, one.es))
    )


def crossed(chance: random.Random) -> Pair:
    """Return a sentence that nobody would say, with the wrong kind of thing in its blanks.

    It teaches the recogniser to go by the sound: each combination that is kept for tests looks as odd.
    """
    while True:
        pair = fill(chance.choice(_crossable()), chance, crossed=True)
        if not is_held_out(pair):
            return pair


def answer(chance: random.Random) -> Pair:
    """Return the value of a blank, alone: half a sentence that a pause tore off, or somebody's whole answer."""
    blank = chance.choice(_ANSWERS)
    en, es = _value(blank, chance)
    return Pair(_capital(en) + ".", _capital(es) + ".")


@cache
def fixed() -> frozenset[str]:
    """Return the English of all phrases without a blank."""
    return frozenset(one.en for one in templates() if not one.blanks)


def is_held_out(pair: Pair) -> bool:
    """True for a tenth of the slot-filled sentences of more than four English words, by hash.

    No training ever sees them.
    """
    if pair.en in fixed() or len(pair.en.split()) <= 4:
        return False
    return int(hashlib.md5(pair.en.encode()).hexdigest(), 16) % 10 == 0


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation."""
    return re.sub(r"[^\w' ]+", " ", text.lower()).split()
