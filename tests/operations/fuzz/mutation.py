"""Makes inputs of seeds: a few small changes each, the same ones for the same number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

MOST_CHANGES = 6
_EDGES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
_SOME = 32
"""Bytes that one change touches at most."""

Change = Callable[[random.Random, bytearray, Sequence[bytes], Sequence[bytes]], None]


def inputs(seeds: Sequence[bytes], words: Sequence[bytes], longest: int, chance: random.Random) -> Iterator[bytes]:
    """Return inputs without end, of at most `longest` bytes each."""
    kept = [*seeds] or [b""]
    while True:
        data = bytearray(chance.choice(kept))
        for _ in range(chance.randint(1, MOST_CHANGES)):
            chance.choice(_CHANGES)(chance, data, kept, words)
        yield bytes(data[:longest])


def _place(chance: random.Random, data: bytearray) -> int:
    return chance.randrange(len(data) + 1)


def _flip(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _edge(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice(_EDGES)


def _number(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    """Change a number of two bytes a little, as a length is that is nearly right."""
    if len(data) >= 2:
        place = chance.randrange(len(data) - 1)
        number = int.from_bytes(data[place : place + 2], "big") + chance.choice((-8, -4, -1, 1, 4, 8))
        data[place : place + 2] = (number % 65536).to_bytes(2, "big")


def _insert(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    place = _place(chance, data)
    data[place:place] = chance.randbytes(chance.randint(1, _SOME))


def _delete(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    place = _place(chance, data)
    del data[place : place + chance.randint(1, _SOME)]


def _repeat(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    place = _place(chance, data)
    part = bytes(data[place : place + chance.randint(1, 2 * _SOME)])
    data[place:place] = part * chance.choice((1, 2, 8))


def _word(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    if words:
        word, place = chance.choice(words), _place(chance, data)
        data[place : place + len(word) * chance.randrange(2)] = word


def _splice(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    """End as another seed ends."""
    other = chance.choice(seeds)
    data[_place(chance, data) :] = other[chance.randrange(len(other) + 1) :]


def _cut(chance: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    del data[_place(chance, data) :]


_CHANGES: tuple[Change, ...] = (_flip, _flip, _edge, _number, _insert, _delete, _repeat, _word, _word, _splice, _cut)
