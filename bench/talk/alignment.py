"""Alignment of what was said with the segments that were translated, by their words."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from testing.spoken_turns import Said
from testing.words import words


@dataclass(slots=True)
class Segment:
    """One translated segment: its texts `source` and `translation`.

    `start` and `end` are of its sound as heard, None where there was none. `since` and `until` are the time of speech
    that it covers, where that is known better than the words.
    """

    announced: float
    source: str
    translation: str
    utterance: str = ""
    since: float | None = None
    until: float | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A clause's share of a segment, from 0 to 1."""

    segment: int
    low: float
    high: float


def align(said: Sequence[Said], segments: Sequence[Segment]) -> list[list[Part]]:
    """Return for each clause the parts of segments that say it, by the source words."""
    script = [(word, number) for number, one in enumerate(said) for word in words(one.clause.text)]
    heard = [(word, number) for number, one in enumerate(segments) for word in words(one.source)]
    matcher = difflib.SequenceMatcher(None, [word for word, _ in script], [word for word, _ in heard], autojunk=False)
    counts: list[dict[int, int]] = [{} for _ in said]
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            clause, segment = script[block.a + offset][1], heard[block.b + offset][1]
            counts[clause][segment] = counts[clause].get(segment, 0) + 1
    parts: list[list[Part]] = []
    before: dict[int, int] = {}
    totals: dict[int, int] = {}
    for found in counts:
        for segment, count in found.items():
            totals[segment] = totals.get(segment, 0) + count
    for number, found in enumerate(counts):
        least = 1 if len(words(said[number].clause.text)) < 4 else 2
        kept = {segment: count for segment, count in found.items() if count >= least} or found
        mine = []
        for segment, count in sorted(kept.items()):
            low = before.get(segment, 0) / totals[segment]
            mine.append(Part(segment, low, low + count / totals[segment]))
        for segment, count in found.items():
            before[segment] = before.get(segment, 0) + count
        parts.append(mine)
    return parts


def same(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of words that two texts share from the start."""
    alike = (mine == theirs for mine, theirs in zip(one, other, strict=False))
    return sum(itertools.takewhile(bool, alike))
