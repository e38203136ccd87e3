"""The interpreter's own voice, coming back through the microphone of who hears it, is not an utterance.

An echo overlaps in time with the playing, give or take the loudspeaker's and the network's delay, and has its
words. A partner who repeats the sentence some seconds later has the words alone, and is interpreted. Pure.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from difflib import SequenceMatcher

_UNSPACED = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
KEPT = 16
LIKENESS = 0.6
_EARLY_S = 0.3
_LEAST_DELAY_S = 0.05
TRAILING_S = 1.2
"""An echo may begin so long after the last sound has left: network, jitter buffer, loudspeaker, and back."""


@dataclass(slots=True)
class _Played:
    text: str
    began: float
    ended: float | None = None


@dataclass(slots=True)
class EchoGuard:
    """What one participant was played lately. Times are seconds of one clock."""

    likeness: float = LIKENESS
    _lines: dict[object, str] = field(default_factory=dict)
    _played: dict[object, _Played] = field(default_factory=dict)
    _order: deque[object] = field(default_factory=deque)

    def will_play(self, key: object, text: str) -> None:
        """What `key` will say when it is played."""
        self._lines[key] = text
        self._order.append(key)
        while len(self._order) > KEPT * 2:
            oldest = self._order.popleft()
            self._lines.pop(oldest, None)
            self._played.pop(oldest, None)

    def began(self, key: object, now: float) -> None:
        if key in self._lines:
            self._played[key] = _Played(self._lines[key], now)

    def ended(self, key: object, now: float) -> None:
        played = self._played.get(key)
        if played is not None:
            played.ended = now

    def is_echo(self, text: str, since: float, until: float) -> bool:
        """Whether `text`, voiced from `since` to `until`, is what the speaker was being played then."""
        words = _words(text)
        if not words:
            return False
        playing = [
            line
            for line in self._played.values()
            if line.began <= until - _LEAST_DELAY_S and (line.ended is None or since <= line.ended + TRAILING_S)
        ]
        # It can't be an echo of what was played only after it had begun (voice is noticed a little early).
        if not any(line.began <= since + _EARLY_S for line in playing):
            return False
        heard = [word for line in sorted(playing, key=lambda line: line.began) for word in _words(line.text)]
        return bool(heard) and _contained(words, heard) >= self.likeness


def _words(text: str) -> list[str]:
    # Scripts without spaces come as one run: compared by character.
    return _WORD.findall(text.casefold())


def _contained(words: list[str], heard: list[str]) -> float:
    """The share of `words` that stands in `heard`, in order."""
    matcher = SequenceMatcher(None, heard, words, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(words)
