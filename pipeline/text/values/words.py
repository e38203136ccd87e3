"""Number words, units and times of one language as tables in plain text, and how they are read. Pure.

A table is `name word word; name word word`. In units and times a comma parts phrases of several words. In times `H` is
an hour, `M` are minutes, `N` is any number, `O` an ordinal and `T` a time in digits; `-H` is the hour before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.text.values.composition import Rules


@dataclass(frozen=True, slots=True)
class Words:
    """Tables of one language. Those that it does not need are empty."""

    cardinals: str
    """Value and words. A value with a decimal point stands for itself."""
    ordinals: str = ""
    """Value and words, or stems where there are `endings`."""
    endings: str = ""
    suffixes: str = ""
    """Endings behind digits that make an ordinal."""
    joins: str = ""
    """Words for "and" inside a number."""
    articles: str = ""
    """Words for "one" before hundred and what is larger."""
    points: str = ""
    """Words for the decimal mark."""
    tenths: str = ""
    """Number of decimals, and the words that name them."""
    signs: str = ""
    """Signs, and the words for them."""
    units: str = ""
    """Units, and phrases for them."""
    months: str = ""
    """Months as they stand with a day."""
    times: str = ""
    """Phrases with numbers in them, and their values."""
    decimal: str = ","
    glued: bool = False
    """True if number words are written together."""
    rules: Rules = field(default_factory=Rules)


def rows(table: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the words of each row."""
    for row in table.split(";"):
        name, *words = row.split()
        yield name, words


def phrases(table: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the phrases of each row."""
    for row in table.split(";"):
        name, _, rest = row.strip().partition(" ")
        yield name, [one.strip() for one in rest.split(",") if one.strip()]
