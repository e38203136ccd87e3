"""Reads phrases with numbers in them, by the patterns of a language: times of day, halves, per cent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pipeline.text.values.composition import Number
from pipeline.text.values.digits import plain
from pipeline.text.values.lexicon import PLACES, Phrase
from pipeline.text.values.numbers import Found, Numbers

_TIME = re.compile(r"(-?)([HO]|\d+):(\d+|M|60-M)")
_HALVES = {"1/2": "0.5", "1/4": "0.25", "3/4": "0.75"}


def phrases(numbers: Numbers, place: int) -> Iterator[tuple[int, str, Number | None]]:
    """Yield (end, text, number) for each phrase that begins at an atom. The number is None for a time of day."""
    for phrase in _some(numbers, place, numbers.phrases):
        for end, bound in _matches(numbers, phrase.words, place):
            yield from _meant(phrase.meaning, bound, end)


def is_begun(numbers: Numbers, place: int, end: int) -> bool:
    """Return True if the atoms up to an end are two words and more of a phrase that must go on: "half past"."""
    some = _some(numbers, place, numbers.lexicon.times)
    return end - place > 1 and any(_is_prefix(numbers, phrase.words, place, end) for phrase in some)


def _some(numbers: Numbers, place: int, times: Mapping[str, Sequence[Phrase]]) -> Iterator[Phrase]:
    """Yield the phrases that may begin at an atom."""
    first = [numbers.folded[place]]
    if numbers.at(place):
        first += "HMNO"
    digits = numbers.digits(place)
    if digits is not None and (digits.time or ":" in digits.text):
        first += "T"
    return (one for word in first for one in times.get(word, ()))


def _is_prefix(numbers: Numbers, pattern: tuple[str, ...], place: int, end: int) -> bool:
    """Return True if the first words of a pattern fit the atoms up to an end, and the last is a word of its own."""
    for length in range(1, len(pattern)):
        own = pattern[length - 1] not in PLACES
        if own and any(until == end for until, _ in _matches(numbers, pattern[:length], place)):
            return True
    return False


def _matches(
    numbers: Numbers, pattern: tuple[str, ...], place: int
) -> Iterator[tuple[int, dict[str, tuple[Number, str]]]]:
    """Yield (end, what the captures hold) for each way in which a pattern fits the atoms from `place` on."""
    if not pattern:
        yield place, {}
        return
    if place >= len(numbers.atoms):
        return
    word, rest = pattern[0], pattern[1:]
    if word in ("H", "M", "N", "O"):
        for one in reversed(numbers.at(place)):
            if _fits(word, one):
                for end, bound in _matches(numbers, rest, one.end):
                    yield end, {**bound, word: (one.value, one.text)}
    elif word == "T":
        digits = numbers.digits(place)
        text = "" if digits is None else digits.time or digits.text
        if re.fullmatch(r"\d+:\d\d", text):
            for end, bound in _matches(numbers, rest, place + 1):
                yield end, {**bound, "T": (0, text)}
    elif numbers.folded[place] == word:
        yield from _matches(numbers, rest, place + 1)


def _fits(word: str, one: Found) -> bool:
    if word == "O":
        return one.ordinal and one.value <= 24
    if one.ordinal or (word != "N" and not isinstance(one.value, int)):
        return False
    return one.value <= 24 if word == "H" else 1 <= one.value < 60 if word == "M" else True


def _meant(meaning: str, bound: Mapping[str, tuple[Number, str]], end: int) -> Iterator[tuple[int, str, Number | None]]:
    values = {word: value for word, (value, _) in bound.items()}
    if time := _TIME.fullmatch(meaning):
        hour = int(values[time[2]]) if time[2] in values else int(time[2])
        said = int(values.get("M", 0))
        minute = said if time[3] == "M" else 60 - said if time[3] == "60-M" else int(time[3])
        yield end, _time(hour, minute, before=bool(time[1])), None
    elif meaning in _HALVES:
        yield end, meaning, Decimal(_HALVES[meaning])
    elif "/" in meaning:
        yield end, meaning, None
    elif meaning == "N%":
        yield end, f"{plain(values['N'])} %", None
    elif meaning[0] == "T":
        hours, _, minutes = bound["T"][1].partition(":")
        yield end, _time(int(hours), int(minutes), later=int(meaning[2:])), None
    elif meaning[0] == "H":
        yield end, _time(int(values["H"]), 0, later=int(meaning[2:])), None
    else:
        sign, _, fraction = meaning.partition("N")
        if isinstance(values["N"], int):
            value = values["N"] - (1 if sign else 0) + Decimal(f"0{fraction}")
            yield end, plain(value), value


def _time(hour: int, minute: int, *, before: bool = False, later: int = 0) -> str:
    """Return a time of day. `before`: an hour less. `later` are the hours that the afternoon adds."""
    if before:
        hour = 12 if hour == 1 else (hour - 1) % 24
    if later:
        hour = 12 if hour == 12 else hour + later
    return f"{hour}:{minute:02}"
