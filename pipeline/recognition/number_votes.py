"""Decides which number was said where passes disagree: the one that most of them heard. Pure.

A number inside a text is at no edge, and yet one pass may write "85020" of "8500 to" that four before it had right. So
passes vote, as recognisers do in ROVER (Fiscus 1997). The last one is not believed more than the others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from pipeline.recognition.final_words import Line, line_of
from pipeline.speech import Word
from pipeline.text.segmenter import CLAUSE_MARKS, SENTENCE_MARKS

INSIDE = 2
"""Passes that must have heard a number with a word behind it, before it may take the place of another one."""
_MARKS = SENTENCE_MARKS + CLAUSE_MARKS
_NUMBER = "#"


@dataclass(frozen=True, slots=True)
class Vote:
    """A number that passes heard at one place. `texts` are spellings of its value, `words` the latest one."""

    texts: frozenset[str]
    words: tuple[Word, ...]
    before: str
    """Key of the word before it in the latest pass; empty at the beginning."""
    after: tuple[str, ...]
    """Keys of the two words behind it."""
    next: tuple[Word, ...]
    """The word behind it."""
    passes: int = 1
    inside: int = 0
    """Passes among them that had a word behind it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A word, or a number with all votes for it. `first` and `until` are the numbers of its words in the text."""

    key: str
    first: int
    until: int
    votes: tuple[Vote, ...] = ()


Ballot = tuple[Place, ...]
"""The places of a text, in order."""


def voted(before: Ballot, words: Sequence[Word], language: str) -> tuple[list[Word], Ballot]:
    """Return the words of a pass, with those numbers that most passes heard, and the votes so far.

    `before`: the votes of the passes before it.
    """
    now = list(_places(line_of(words, language), words))
    pairs = SequenceMatcher(None, [one.key for one in before], [one.key for one in now], autojunk=False)
    for block in pairs.get_matching_blocks():
        for n in range(block.size):
            old, new = before[block.a + n], now[block.b + n]
            now[block.b + n] = replace(new, votes=_added(old.votes, new.votes))
    chosen, more = list(words), 0
    for n, place in enumerate(now):
        now[n] = replace(place, first=place.first + more, until=place.until + more)
        if place.votes and not _has_sign_beside(words, place):
            elected = _elected(place.votes, words[place.first : place.until])
            chosen[now[n].first : now[n].until] = elected
            now[n] = replace(now[n], until=now[n].first + len(elected))
            more += len(elected) - (place.until - place.first)
    return chosen, tuple(now)


def behind(ballot: Ballot, count: int) -> Ballot:
    """Return the votes behind the first `count` words."""
    moved = (replace(one, first=one.first - count, until=one.until - count) for one in ballot if one.first >= count)
    return tuple(moved)


def _places(line: Line, words: Sequence[Word]) -> list[Place]:
    found: list[tuple[int, int, frozenset[str]]] = []
    for unit in line.reading.units:
        first = bisect_right(line.ends, unit.start) - 1
        until, texts = bisect_right(line.ends, unit.end - 1), unit.texts
        if found and found[-1][1] > first:  # both are in one word: "850-0" is no 850
            first = found.pop()[0]
            texts = frozenset(("".join(word.text for word in words[first:until]).strip(" " + _MARKS),))
        found.append((first, until, texts))
    numbers = [any(map(str.isdecimal, "".join(texts))) for _, _, texts in found]
    keys = [_NUMBER if number else min(texts) for number, (_, _, texts) in zip(numbers, found, strict=True)]
    places = []
    for n, (first, until, texts) in enumerate(found):
        behind = [tuple(words[a:b]) for a, b, _ in found[n + 1 : n + 2]]
        before, after = "".join(keys[max(0, n - 1) : n]), tuple(keys[n + 1 : n + 3])
        vote = Vote(texts, tuple(words[first:until]), before, after, sum(behind, ()), inside=len(behind))
        places.append(Place(keys[n], first, until, (vote,) if numbers[n] else ()))
    return places


def _added(before: Sequence[Vote], now: Sequence[Vote]) -> tuple[Vote, ...]:
    """Return the votes with the one of a pass, which comes first."""
    if not now:
        return ()
    (one,) = now
    same = next((vote for vote in before if not vote.texts.isdisjoint(one.texts)), None)
    if same is None:
        return (one, *before)
    added = replace(one, passes=same.passes + 1, inside=same.inside + one.inside)
    return (added, *(vote for vote in before if vote is not same))


def _elected(votes: Sequence[Vote], heard: Sequence[Word]) -> list[Word]:
    """Return the words of the number that most passes heard, in place of those that the last one heard.

    A number may have swallowed the word behind it, which comes back with it: "8502 enter" of "8500 to enter".
    """
    last = votes[0]
    others = (vote for vote in votes if vote.inside >= INSIDE and _same_place(vote, last))
    best = max(others, key=lambda vote: vote.passes, default=last)
    if best.passes <= last.passes:
        return list(heard)
    first, end = heard[0], heard[-1]
    swallowed = best.next if best.after[:1] != last.after[:1] else ()
    number = (*best.words[:-1], replace(best.words[-1], text=best.words[-1].text.rstrip(_MARKS)))
    words = [replace(word, start_ms=first.start_ms, end_ms=end.end_ms) for word in (*number, *swallowed)]
    mark = end.text[len(end.text.rstrip(_MARKS)) :]
    words[-1] = replace(words[-1], text=words[-1].text.rstrip(_MARKS) + mark)
    space = first.text[: len(first.text) - len(first.text.lstrip())]
    words[0] = replace(words[0], text=space + words[0].text.lstrip())
    return words


def _has_sign_beside(words: Sequence[Word], place: Place) -> bool:
    """Return True if a word beside the number is a sign that another pass may have as a part of it: "-" and "5"."""
    beside = (*words[max(0, place.first - 1) : place.first], *words[place.until : place.until + 1])
    texts = (word.text.strip(" " + _MARKS) for word in beside)
    return any(text and not any(map(str.isalnum, text)) for text in texts)


def _same_place(vote: Vote, last: Vote) -> bool:
    """Return True if two votes have the same words beside them, and no number: passes may group digits otherwise."""
    if vote.before != last.before or not last.after or _NUMBER in (last.before, *vote.after[:1], last.after[0]):
        return False
    return last.after[0] in vote.after
