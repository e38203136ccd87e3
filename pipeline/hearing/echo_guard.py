"""Echo guard: decides whether a text is the interpreter's own voice, back through a microphone. Pure.

An echo has the words of what was played, each when it was played, give or take the loudspeaker's and the network's
delay. A partner who answers in the same words, or repeats the sentence, has the words at other times, and is
interpreted. Pure.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

from pipeline.text.values import reading

_UNSPACED = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
KEPT = 16
LIKENESS, LIKENESS_OF_FEW, FEW = 0.5, 0.6, 3
"""Share of its words that an echo has in common with what was played. It is larger for fewer than three common words:
any two short sentences share one."""
EARLY_S, LATE_S = 0.5, 1.2
"""Bounds, s, between the playing of a word and its echo in the microphone, earlier and later.

Later: network, jitter buffer, loudspeaker, and back. Earlier: the time of a word is an estimate, and voice is noticed a
little before it begins."""
_LETTER_S, _SIGN_S = 0.075, 0.2
_DIGIT_LETTERS = 5
"""Letters in the name of a digit, about."""


@dataclass(slots=True)
class _Played:
    text: str
    language: str
    began: float
    ended: float | None = None

    def over_before(self, at: float) -> bool:
        return self.ended is not None and self.ended < at


@dataclass(slots=True)
class EchoGuard:
    """Speech that one participant was played lately. Times are seconds of one clock."""

    _lines: dict[object, tuple[str, str]] = field(default_factory=dict)
    _played: dict[object, _Played] = field(default_factory=dict)
    _order: deque[object] = field(default_factory=deque)

    def will_play(self, key: object, text: str, language: str = "") -> None:
        """Note the text that `key` will say when it is played."""
        if key not in self._lines:
            self._order.append(key)
        self._lines[key] = text, language
        while len(self._order) > KEPT * 2:
            oldest = self._order.popleft()
            self._lines.pop(oldest, None)
            self._played.pop(oldest, None)

    def began(self, key: object, now: float) -> None:
        if key in self._lines:
            self._played[key] = _Played(*self._lines[key], now)

    def ended(self, key: object, now: float) -> None:
        played = self._played.get(key)
        if played is not None:
            played.ended = now

    def was_said(self, key: object, text: str, began: float, ended: float, language: str = "") -> None:
        """Note a text that was said from `began` to `ended`. A later one for the same key takes its place."""
        self.will_play(key, text, language)
        self.began(key, began)
        self.ended(key, ended)

    def is_echo(self, text: str, since: float, until: float, language: str = "") -> bool:
        """Return True if `text`, voiced from `since` to `until`, is what the speaker was being played then.

        Numbers are compared by value: "95" may come back as "ninety five".
        """
        spoken = _spoken(_words(text, language), since, until)
        if not spoken:
            return False
        first, last = min(word.earliest for word in spoken) - LATE_S, max(word.latest for word in spoken) + EARLY_S
        lines = (line for line in self._played.values() if line.began <= last and not line.over_before(first))
        played = [word for line in sorted(lines, key=lambda line: line.began) for word in _said(line)]
        common = _in_common(spoken, played)
        return common > 0 and common >= len(spoken) * (LIKENESS if common >= FEW else LIKENESS_OF_FEW)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or value whose middle was said at some time between the two. `texts`: what it may mean."""

    texts: frozenset[str]
    earliest: float
    latest: float


@dataclass(frozen=True, slots=True)
class _Length:
    """A word or value of a text. `letters`: its length as one says it. `seconds`: the time that it usually takes."""

    texts: frozenset[str]
    letters: int
    seconds: float


def _said(line: _Played) -> list[_Word]:
    """Return the words of a text that is played evenly."""
    words = _words(line.text, line.language)
    took = _seconds(words) if line.ended is None else line.ended - line.began
    middles = _middles(words, took)
    return [_Word(word.texts, line.began + at, line.began + at) for word, at in zip(words, middles, strict=True)]


def _spoken(words: Sequence[_Length], since: float, until: float) -> list[_Word]:
    """Return the words of a text, with bounds for their times.

    They may be all that was said in that time, or what was understood of its beginning or end.
    """
    usual = _seconds(words)
    found = []
    for word, evenly, at in zip(words, _middles(words, until - since), _middles(words, usual), strict=True):
        times = (since + evenly, since + at, until - usual + at)
        found.append(_Word(word.texts, min(times), max(times)))
    return found


@lru_cache(maxsize=128)
def _words(text: str, language: str) -> tuple[_Length, ...]:
    """Return the words and values of a text. Scripts without spaces come as one run: compared by character."""
    found = []
    for unit in reading(text, language).units:
        said = text[unit.start : unit.end]
        signs = len(re.findall(f"[{_UNSPACED}]", said))
        letters = sum(_DIGIT_LETTERS if char.isdigit() else char.isalnum() for char in said) or 1
        found.append(_Length(unit.texts, letters, _SIGN_S * signs + _LETTER_S * max(0, letters - signs)))
    return tuple(found)


def _seconds(words: Sequence[_Length]) -> float:
    """Return the time, s, that it usually takes to say the words."""
    return sum(word.seconds for word in words)


def _middles(words: Sequence[_Length], seconds: float) -> list[float]:
    """Return the time of each word's middle, s, if all are said evenly in `seconds`."""
    each = seconds / max(1, sum(word.letters for word in words))
    ends = list(accumulate(each * word.letters for word in words))
    return [end - each * word.letters / 2 for word, end in zip(words, ends, strict=True)]


def _in_common(spoken: Sequence[_Word], played: Sequence[_Word]) -> int:
    """Return the number of words of `spoken` that are those of `played`, in order and in time.

    The longest common subsequence.
    """
    best = [0] * (len(played) + 1)
    for word in spoken:
        before = 0
        for n, line in enumerate(played, 1):
            here = best[n]
            timely = word.earliest <= line.latest + LATE_S and line.earliest <= word.latest + EARLY_S
            if timely and not word.texts.isdisjoint(line.texts):
                best[n] = before + 1
            best[n] = max(best[n], here, best[n - 1])
            before = here
    return best[-1]
