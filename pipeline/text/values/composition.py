"""Puts number words together in the order of a language: "two hundred and five", "fünf und neunzig", "三万五". Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """A number word, or digits."""

    value: Number
    ordinal: bool = False
    joined: bool = False
    """True if "and" stands before it."""
    literal: bool = False
    """True for digits, and for words of a fraction: only a multiplier follows them."""
    text: str = ""
    """Digits as they are written, with the marks of a value."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Order of number words in a language."""

    eastern: bool = False
    """True if ten, too, multiplies what stands before it, and scales are 10⁴ apart."""
    units_first: bool = False
    """True if a unit and "and" stand before the tens."""
    joined_units: bool = False
    """True if "and" may stand between tens and units."""
    units_after_ten: range = range(0)
    """Units that follow the word for ten."""
    ten_after_units: bool = False
    """True if the word for ten follows a unit for 11 to 19."""
    by_twenties: bool = False
    """True if 70 to 99 are counted from sixty and from four twenties."""
    thousand_millions: bool = False
    """True if a thousand millions are said in place of a word of their own."""
    shortened: bool = False
    """True if a last digit counts in the next smaller power ("两百五" is 250)."""


def prefixes(parts: Sequence[Part], rules: Rules) -> Iterator[tuple[int, Number]]:
    """Yield (count, value) for each beginning of `parts` that is one number."""
    yield from _eastern(parts, rules) if rules.eastern else _western(parts, rules)


def _western(parts: Sequence[Part], rules: Rules) -> Iterator[tuple[int, Number]]:
    total: Number = 0
    current: Number = 0
    scale: float = math.inf
    locked = False
    for n, part in enumerate(parts):
        value, word = part.value, not part.literal
        following = parts[n + 1].value if n + 1 < len(parts) and not parts[n + 1].literal else 0
        if n and parts[n - 1].ordinal:
            ten = rules.ten_after_units and value == 10 and current < 10 and not part.joined
            unit = part.ordinal and value < 10 and current % 100 >= 20 and current % 10 == 0
            if not (ten or unit):
                return
            current += value
        elif word and value >= 1000:
            if value < scale:
                if not current and total:
                    return
                total, scale = total + (current or 1) * value, float(value)
            elif rules.thousand_millions and 0 < total + current < value and value >= 10**6:
                total, scale = (total + current) * value, float(value)
            else:
                return
            current, locked = 0, False
        elif word and value == 100:
            if current >= 100:
                return
            current, locked = (current or 1) * 100, False
        elif not current:
            again = following >= 1000 and following >= scale and not rules.thousand_millions
            if n and (value == 0 or value >= scale or again):
                return
            current, locked = value, part.literal
        else:
            if locked or part.literal or not _attaches(current, part, rules) or (following == 100 and current >= 100):
                return
            current += 76 if rules.by_twenties and current % 100 == 4 and value == 20 else value
        yield n + 1, total + current
        if not n and value == 0:
            return


def _attaches(current: Number, part: Part, rules: Rules) -> bool:
    """Return True if a word below a hundred goes on with a number whose last hundreds are `current`."""
    value, low = part.value, current % 100
    if not 0 < value < 100:
        return False
    if low == 0:
        return True
    if value < 10:
        tens = low >= 20 and low % 10 == 0 and (not part.joined or rules.joined_units)
        return not rules.eastern and (tens or (low == 10 and value in rules.units_after_ten))
    if rules.by_twenties and ((low == 4 and value == 20) or (low in (60, 80) and value < 20)):
        return True
    if rules.units_first and low < 10 and value >= 20 and value % 10 == 0:
        return part.joined
    return rules.ten_after_units and low < 10 and value == 10 and not part.joined


def _eastern(parts: Sequence[Part], rules: Rules) -> Iterator[tuple[int, Number]]:
    total: Number = 0
    section: Number = 0
    digit: Number | None = None
    least: float = math.inf
    scale: float = math.inf
    last = 1  # the last multiplier
    for n, part in enumerate(parts):
        value = part.value
        if part.literal or value < 10:
            if digit is not None:
                return
            if value == 0 and not part.literal:
                if not n:
                    yield 1, 0
                    return
                last = 1
                continue
            digit = value
        elif value in (10, 100, 1000):
            if value >= least:
                return
            section += (1 if digit is None else digit) * value
            digit, least, last = None, float(value), int(value)
        elif value < 100:
            if digit is not None or section % 100:
                return
            section, least, last = section + value, 10.0, 1
        else:
            amount = section + (digit or 0)
            if value >= scale or (total and not amount):
                return
            total, section, digit = total + (amount or 1) * value, 0, None
            least, scale, last = math.inf, float(value), int(value)
        short = rules.shortened and last >= 100 and not part.literal
        yield n + 1, total + section + (digit or 0) * (last // 10 if short else 1)
