"""Reads numbers written in digits: which mark is a decimal point, what is a time, a version, a date. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pipeline.text.values.composition import Number

_LONGEST = 40
"""Digits and marks beyond which nobody means a number."""


@dataclass(frozen=True, slots=True)
class Digits:
    """`text` is the same for all spellings of one value. `number` is None for what is none: a time, a version."""

    text: str
    number: Number | None = None
    time: str = ""
    """Time of day that it may be as well ("7.30" where decimals have a comma)."""


def read(key: str, decimal: str) -> Digits:
    """Return what digits with marks between them mean in a language whose decimal mark is `decimal`."""
    if len(key) > _LONGEST:
        return Digits(key)
    if key.isdecimal():
        return Digits(key, int(key))
    groups = re.split(r"\D", key)
    marks = re.sub(r"\d", "", key)
    if ":" in marks:
        return Digits(":".join([str(int(groups[0])), *groups[1:]]) if set(marks) == {":"} else key)
    if len(set(marks)) == 1 and (len(marks) > 1 or marks == "'"):
        return _whole("".join(groups)) if _grouped(groups) else Digits(key)
    if len(marks) == 1:
        if marks != decimal and _grouped(groups):
            return _whole("".join(groups))
        return _decimal(groups[0], groups[1], dotted=marks == "." != decimal)
    if marks[-1] != "'" and marks.count(marks[-1]) == 1 and _grouped(groups[:-1]):
        return _decimal("".join(groups[:-1]), groups[-1])
    return Digits(key)


def plain(number: Number) -> str:
    """Return a number without zeros behind its last decimal."""
    if isinstance(number, int):
        return str(number)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(groups: list[str]) -> bool:
    """Return True if the groups are thousands, or the lakhs and crores of India."""
    first, *inner, last = groups if len(groups) > 1 else [*groups, "000"]
    return 1 <= len(first) <= 3 and first[0] != "0" and len(last) == 3 and all(len(one) in (2, 3) for one in inner)


def _whole(text: str) -> Digits:
    return Digits(text, int(text))


def _decimal(whole: str, fraction: str, *, dotted: bool = False) -> Digits:
    time = dotted and len(fraction) == 2 and int(whole) <= 24 and int(fraction) < 60
    text = f"{int(whole)}.{fraction}"
    return Digits(text, Decimal(text), f"{int(whole)}:{fraction}" if time else "")
