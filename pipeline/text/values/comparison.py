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
        end = _parting(one, other, way)
        if end[1] > best[1] or (end[1] == best[1] and end[0] > best[0]):
            best = end
        if end == (len(one), len(other)):
            return end
        for a, b in zip(range(way[0], end[0] + 1), range(way[1], end[1] + 1), strict=True):
            seen.add((a, b))
            # A value that ends before the texts part, and before it can be longer in one of them, is no other way.
            if a < len(one) and b < len(other) and one.reach(a) >= end[0]:
                ways += [(a + m, b + n) for m, n in matches(one, a, other, b)]
        if not marks:
            a, b = end
            if a < len(one) and one.is_mark(a):
                ways.append((a + 1, b))
            if b < len(other) and other.is_mark(b):
                ways.append((a, b + 1))
    return best


def _parting(one: Reading, other: Reading, way: tuple[int, int]) -> tuple[int, int]:
    """Return the places up to which the texts are the same, atom for atom, from two places on."""
    a, b = way
    most = min(len(one) - a, len(other) - b)
    n = 0
    while n < most and one.keys[a + n] == other.keys[b + n] and one.is_mark(a + n) == other.is_mark(b + n):
        n += 1
    return a + n, b + n


def matches(one: Reading, a: int, other: Reading, b: int) -> Iterator[tuple[int, int]]:
    """Yield the lengths of values that begin at the two places and are the same."""
    mine = one.values(a)
    theirs = other.values(b) if mine else ()
    for value in mine:
        for again in theirs:
            if not value.texts.isdisjoint(again.texts):
                yield value.length, again.length
