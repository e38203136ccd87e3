"""From what the ear received and what was said: when each clause's translation began, and whether it was right.

A *segment* is what the interpreter speaks in one go: its source words, its translation, when it was announced
(Dragoman's `translation` and `speech_audio` messages; a bot's log). Words align the segments with the clauses.
Where a clause begins within a segment, the segment's sound is divided by the number of its source words.
Times are CLOCK_MONOTONIC, in seconds; the ear's are arrivals of packets.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bench.latency.received_audio import ReceivedAudio
from bench.talk.alignment import Part, Segment, align
from testing.spoken_turns import Turn
from testing.words import share_heard, words

ANNOUNCED = 0.03  # s by which sound may come before the message that announces it
HEARD = 0.8  # share of the words, as in the demo


@dataclass(slots=True)
class Judged:
    """One clause: its times as spoken, and as heard where its translation began."""

    turn: str
    text: str
    wanted: str
    mouth_start: float
    mouth_end: float
    ear_start: float | None = None
    translation: str = ""
    heard: str = ""
    transcript: str = ""

    @property
    def right(self) -> bool:
        """True if enough words of the translation were understood from the recording."""
        return self.ear_start is not None and share_heard(self.wanted, self.heard) >= HEARD

    @property
    def exact(self) -> bool:
        return words(self.translation) == words(self.wanted)

    @property
    def span(self) -> float:
        """Seconds from the end of the clause, as spoken, to the start of its translation, as heard.

        A failure is infinite.
        """
        return self.ear_start - self.mouth_end if self.right and self.ear_start is not None else float("inf")

    @property
    def any_span(self) -> float:
        """Seconds like `span`, whatever was understood."""
        return float("inf") if self.ear_start is None else self.ear_start - self.mouth_end


class Outside(NamedTuple):
    """Milliseconds of a turn's first and last word that were not given to the recogniser."""

    first: float
    last: float


@dataclass(slots=True)
class JudgedTurn:
    """One turn with its clauses and all that was sent about it."""

    turn: Turn
    began: float
    left: float
    clauses: list[Judged]
    segments: list[Segment]
    messages: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    outside: Outside | None = None
    shift_ms: float | None = None
    """The call's shift in ms, see `bench.latency.edge_words.shift`."""
    strays: list[str] = field(default_factory=list)
    """Translations of which no word is in any clause."""

    @property
    def first_heard(self) -> float | None:
        return min((one.start for one in self.segments if one.start is not None), default=None)

    @property
    def mouth_end(self) -> float:
        return self.began + self.turn.end


def judge(
    turn: Turn,
    began: float,
    left: float,
    segments: list[Segment],
    heard: Mapping[str, Any],
    ear: ReceivedAudio,
    *,
    own_words: bool = False,
) -> JudgedTurn:
    """Place the segments at the ear, align them with the clauses, listen to each clause."""
    _place(segments, heard["arrivals"], left)
    clauses = [
        Judged(turn.name, one.clause.text, one.clause.translation, began + one.start, began + one.end)
        for one in turn.said
    ]
    shares = align(turn.said, segments)
    _align_by_time(clauses, segments, shares)
    for number, clause in enumerate(clauses):
        parts = shares[number]
        if not parts:
            continue
        first = segments[parts[0].segment]
        if first.start is not None and first.end is not None:
            clause.ear_start = first.start + parts[0].low * (first.end - first.start)
        covering = [segments[part.segment] for part in parts]
        clause.translation = " ".join(one.translation for one in covering)
        if own_words:
            clause.wanted = clause.translation
        clause.heard = _listen(clause, parts, segments, ear)
    claimed = {part.segment for parts in shares for part in parts}
    strays = [one.translation for number, one in enumerate(segments) if number not in claimed]
    return JudgedTurn(turn, began, left, clauses, segments, strays=list(filter(words, strays)))


def _place(segments: list[Segment], arrivals: Sequence[float], left: float) -> None:
    """Give each segment its sound: all arrivals from its announcement to that of the next one."""
    for number, one in enumerate(segments):
        low = one.announced - ANNOUNCED
        high = segments[number + 1].announced - ANNOUNCED if number + 1 < len(segments) else left
        first, last = bisect.bisect_left(arrivals, low), bisect.bisect_left(arrivals, high)
        if first < last:
            one.start, one.end = arrivals[first], arrivals[last - 1] + 0.02


def _align_by_time(clauses: Sequence[Judged], segments: Sequence[Segment], shares: list[list[Part]]) -> None:
    """Align clauses of which no word was understood, by the time of speech that a segment covers, if it is known."""
    for number, segment in enumerate(segments):
        if segment.since is None or segment.until is None:
            continue
        since, until = segment.since, segment.until
        within = [index for index, one in enumerate(clauses) if since <= (one.mouth_start + one.mouth_end) / 2 <= until]
        total = sum(clauses[index].mouth_end - clauses[index].mouth_start for index in within)
        before = 0.0
        for index in within:
            share = (clauses[index].mouth_end - clauses[index].mouth_start) / total
            if not shares[index]:
                shares[index] = [Part(number, before, before + share)]
            before += share


def _listen(clause: Judged, parts: Sequence[Part], segments: Sequence[Segment], ear: ReceivedAudio) -> str:
    """Return the transcript of a clause's translation in the recording.

    The whole segments are recognised first. If too few words are found, each stretch of sound between silences is, then
    the clause's own part of the segments. At last the sound itself is compared with the announced words.
    """
    texts = []
    for way in ("whole", "sentences", "part"):
        heard = []
        for part in parts:
            one = segments[part.segment]
            if one.start is None or one.end is None:
                continue
            length = one.end - one.start
            if way == "sentences":
                heard.append(ear.sentences(one.start, one.end))
            else:
                low, high = (0.0, 1.0) if way == "whole" else (part.low, part.high)
                heard.append(ear.understand(one.start + low * length, one.start + high * length))
        texts.append(" ".join(heard))
        if share_heard(clause.wanted, texts[-1]) >= HEARD:
            return texts[-1]
    covering = [segments[part.segment] for part in parts]
    spoken = [one for one in covering if one.start is not None and one.end is not None]
    said = " ".join(one.translation for one in spoken)
    if share_heard(clause.wanted, said) >= HEARD and all(
        ear.says(one.translation, one.start or 0.0, one.end or 0.0) for one in spoken
    ):
        return said
    return max(texts, key=lambda text: share_heard(clause.wanted, text))
