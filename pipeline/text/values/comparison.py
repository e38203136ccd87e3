"""Decides how far two texts say the same: word for word, number for number, whatever their spelling. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.text.values.reading import Reading, reading


def same(one: str, other: str, language: str = "en") -> bool:
    """Return True if two phrases are spellings of the same words and values, whatever marks end them."""
    return equal(reading(one, language), reading(other, language), marks=False)


def equal(one: Reading, other: Reading, *, marks: bool = True) -> bool:
    """Return True if two readings say the same; without `marks` but for the ends of sentences and clauses."""
    return common(one, other, marks=marks) == (len(one), len(other))


def common(one: Reading, other: Reading, *, marks: bool = True) -> tuple[int, int]:
    """Return the largest numbers of atoms with which both begin to say the same."""
    best = (0, 0)
    seen: set[tuple[int, int]] = set()
    ways = [best]
    while ways:
        way = ways.pop()
        if way in seen:
            continue
        seen.add(way)
        a, b = way
        if b > best[1] or (b == best[1] and a > best[0]):
            best = way
        if a == len(one) and b == len(other):
            return way
        if not marks:
            if a < len(one) and one.is_mark(a):
                ways.append((a + 1, b))
            if b < len(other) and other.is_mark(b):
                ways.append((a, b + 1))
        if a < len(one) and b < len(other):
            ways += [(a + m, b + n) for m, n in matches(one, a, other, b)]
            if one.keys[a] == other.keys[b] and one.is_mark(a) == other.is_mark(b):
                ways.append((a + 1, b + 1))
    return best


def matches(one: Reading, a: int, other: Reading, b: int) -> Iterator[tuple[int, int]]:
    """Yield the lengths of values that begin at the two places and are the same."""
    mine = one.values(a)
    theirs = other.values(b) if mine else ()
    for value in mine:
        for again in theirs:
            if not value.texts.isdisjoint(again.texts):
                yield value.length, again.length
