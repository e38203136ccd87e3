"""Finds how many words of a pass are final already: by value, where spellings change, and by their times. Pure.

Every pass hears the window anew, and may write its words otherwise: "95" and then "ninety five", "okay" and "O. K.".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from itertools import accumulate, pairwise

from pipeline.speech import Word
from pipeline.text.values import common, matches, reading

_EDIT, _SPLIT, _NUMBER, _VALUE, _SPELLING = 1000, 1500, 800, 1200, 1
"""Costs of a word that is other, new or missing; of one in place of two; of one number in place of another; of a word
in place of a number of several words; of another spelling."""
_OTHER_END = 500
"""Cost of a last word that is not the last final one, beside that of its edit."""
_EDIT_MS = 350
"""Time by which words must be astray, ms, to outweigh an edit."""
_MARGIN = 4 * _EDIT
"""Cost above the least at which no time makes up for the edits."""


class Line:
    """Words, and the values that begin at them."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self.reading = reading("".join(texts), language)
        self.ends = list(accumulate(map(len, texts), initial=0))
        atoms = self.reading.atoms
        self.first: list[int] = []
        """The first atom of each word, and at last their number."""
        self.torn: list[bool] = []
        """True for each word whose first atom began in the word before: "3" and ".5"."""
        n = 0
        for end in self.ends:
            while n < len(atoms) and atoms[n].start < end:
                n += 1
            self.first.append(n)
            self.torn.append(n > 0 and atoms[n - 1].end > end)
        marks = self.reading.is_mark
        self.keys = [
            tuple(self.reading.canonical(n) for n in range(a, b) if not marks(n)) for a, b in pairwise(self.first)
        ]
        self._words = {atom: word for word, atom in reversed(list(enumerate(self.first))) if not self.torn[word]}

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.keys)

    def word_at(self, atom: int) -> int | None:
        """Return the word that an atom begins, but for the marks before it. None: it is inside of one."""
        while atom not in self._words and atom < len(self.reading.atoms) and self.reading.is_mark(atom):
            atom += 1
        return self._words.get(atom)

    @property
    def items(self) -> list[frozenset[str]]:
        """The words, a value of several words as one: what each may mean."""
        found: list[frozenset[str]] = []
        word = 0
        while word < len(self):
            value = self.reading.longest(self.first[word]) if self.keys[word] else None
            until = None if value is None else self.word_at(self.first[word] + value.length)
            if value is None or until is None:
                until, texts = word + 1, frozenset(("".join(self.keys[word]),))
            else:
                texts = value.texts
            found.append(texts)
            word = until
        return found

    def splits(self, word: int) -> bool:
        """Return True if a value reaches from the words before one into it."""
        until = self.first[word]
        return self.torn[word] or any(
            value.length > until - n for n in range(max(0, until - 12), until) for value in self.reading.values(n)[:1]
        )

    def words_of(self, count: int) -> int:
        """Return the number of words that the first `count` atoms fill."""
        if count == 0:
            return 0
        atoms = self.reading.atoms
        limit = atoms[count].start if count < len(atoms) else len(self.reading.text)
        return sum(end <= limit for end in self.ends[1:])


def line_of(words: Sequence[Word], language: str) -> Line:
    """Return words with their values."""
    return line(tuple(word.text for word in words), language)


def says_more(one: Line, other: Line) -> bool:
    """Return True if words say more than others do; those that only spell a number otherwise don't."""
    if common(other.reading, one.reading, marks=False)[1] == len(one.reading):
        return False
    return len(one) > len(other) or len(one.items) > len(other.items)


@lru_cache(maxsize=128)
def line(texts: tuple[str, ...], language: str) -> Line:
    """Return words, as they are written, with their values."""
    return Line(texts, language)


def count_final(
    final: Sequence[str], words: Sequence[Word], language: str, astray_ms: Callable[[int], int], *, timed: bool
) -> int:
    """Return the number of the first words that are those of `final`, or nearest to them in edits and in time.

    `astray_ms`: for a number of words, the time (ms) between their end and the end of the final words. `timed`: True if
    both passes told times.
    """
    texts = [word.text for word in words]
    if texts[: len(final)] == list(final):
        return len(final)
    given, heard = line(tuple(final), language), line(tuple(texts), language)
    if heard.keys[: len(given)] == given.keys and not heard.torn[len(given)]:
        return len(final)
    costs = _costs(given, heard)
    edited = min(costs.values()) >= _NUMBER
    last = given.keys[-1] if len(given) else ()

    def order(count: int) -> tuple[int, int, bool, int]:
        cost, astray, far = costs[count], astray_ms(count), abs(count - len(final))
        if not last or not count or heard.keys[count - 1] != last:
            cost += _OTHER_END
        splits = count < len(heard) and heard.splits(count)  # "14:30 Uhr" is all of "vierzehn Uhr dreißig"
        return (cost * _EDIT_MS // _EDIT + astray, 0, splits, far) if edited and timed else (cost, astray, splits, far)

    return min(costs, key=order)


def _costs(given: Line, heard: Line) -> dict[int, int]:
    """Return the costs of edits that make all of `given` of the first words, by their number (Dijkstra 1959)."""
    known = {(0, 0): 0}
    rows, columns = len(given), len(heard)
    ways = [(0, 0, 0)]
    found: dict[int, int] = {}
    most = math.inf
    while ways and ways[0][0] <= most:
        cost, a, b = heappop(ways)
        if cost > known[a, b]:
            continue
        if a == rows and not heard.torn[b]:
            found[b] = cost
            most = min(most, cost + (_MARGIN if cost >= _NUMBER else 0))
        for down, right, more in _steps(given, a, heard, b):
            place, total = (a + down, b + right), cost + more
            if total <= most and place[0] <= rows and place[1] <= columns and total < known.get(place, math.inf):
                known[place] = total
                heappush(ways, (total, *place))
    return found


def _steps(given: Line, a: int, heard: Line, b: int) -> Iterator[tuple[int, int, int]]:
    """Yield (words of `given`, words of the line, cost) for each edit at two places."""
    above, left = a < len(given), b < len(heard)
    if above:
        yield 1, 0, _EDIT if given.keys[a] else 0
    if left:
        yield 0, 1, _EDIT if heard.keys[b] else 0
    if not (above and left):
        return
    mine, theirs = given.keys[a], heard.keys[b]
    yield 1, 1, 0 if mine == theirs else _EDIT
    if not mine or not theirs:
        return
    if mine != theirs:
        yield 1, 2, _SPLIT
        yield 2, 1, _SPLIT
        yield from _joined(given, a, heard, b)
    one, other = given.first[a], heard.first[b]
    if given.torn[a] or heard.torn[b]:
        return
    for length, again in matches(given.reading, one, heard.reading, other):
        yield from _over(given, a, one + length, heard, b, other + again, _SPELLING)
    length, again = given.reading.number(one), heard.reading.number(other)
    if length or again:
        until = one + length if length else given.first[a + 1]
        again_until = other + again if again else heard.first[b + 1]
        yield from _over(given, a, until, heard, b, again_until, _NUMBER if length and again else _VALUE)


def _joined(given: Line, a: int, heard: Line, b: int) -> Iterator[tuple[int, int, int]]:
    """Yield a step over words that are the same but for the spaces between them: "e mail", "C plus plus"."""
    one, other, m, n = "".join(given.keys[a]), "".join(heard.keys[b]), 1, 1
    while one != other:
        if other.startswith(one) and a + m < len(given):
            one, m = one + "".join(given.keys[a + m]), m + 1
        elif one.startswith(other) and b + n < len(heard):
            other, n = other + "".join(heard.keys[b + n]), n + 1
        else:
            return
    yield m, n, _SPELLING


def _over(given: Line, a: int, atom: int, heard: Line, b: int, other: int, cost: int) -> Iterator[tuple[int, int, int]]:
    """Yield a step over two values, if both end where a word does."""
    mine, theirs = given.word_at(atom), heard.word_at(other)
    if mine is not None and theirs is not None and (cost == _SPELLING or (mine - a, theirs - b) != (1, 1)):
        yield mine - a, theirs - b, cost
