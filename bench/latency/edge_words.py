"""First and last words that a call lost, beside those that it had whole and understood wrongly. Pure.

A word is *lost* where its sound was outside of what the endpointer took for the utterance (`startMs` to `endMs` of
the server's final transcriptions), or where nothing of the turn was written down. Else the recogniser had all of it,
and *misheard* it. Both are told of words that recognising the whole file knows; `unlike` counts wrong words whatever
the reason, the same way for the call and for the file.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.latency.judging import JudgedTurn, Outside
from testing.words import words

MISSING_MS = 40
"""Two frames of a word may be missing: what has an end of its own is hardly louder than the room."""


def outside(turns: Sequence[JudgedTurn]) -> dict[str, Outside]:
    """Return the words of each turn of one call by its name; turns without a final transcription are left out.

    Media time and the mouth's clock have a constant difference, which the network and the jitter buffer have a part
    in: it is taken so that in the middle turn of the call the last word is heard to its very end. A server that is
    early everywhere by more than what it lets sound before a first word shows there; and in `shift`.
    """
    windows = _windows(turns)
    if not windows:
        return {}
    zero = _calibrated(windows)
    found = {}
    for turn, (start, end) in windows:
        first, last = _mouth(turn)
        found[turn.turn.name] = Outside(max(0.0, start - zero - first), max(0.0, last + zero - end))
    return found


def shift(turns: Sequence[JudgedTurn], started: float | None) -> float | None:
    """By how many milliseconds media time is later for `outside` than the server's word makes it: it counts from
    `startedAt`, which was `started` seconds on the mouth's clock. The way of the sound makes it some tens more (a
    frame of 20 ms leaves when it is full), and a first packet that was late as much as it was late; a server that cuts
    every last word by the same time makes it that much less, and would not be seen otherwise. None where nothing is
    known."""
    windows = _windows(turns)
    return None if started is None or not windows else _calibrated(windows) + 1000 * started


def _windows(turns: Sequence[JudgedTurn]) -> list[tuple[JudgedTurn, tuple[float, float]]]:
    return [(one, window) for one in turns if (window := _window(one.messages)) is not None]


def _calibrated(windows: Sequence[tuple[JudgedTurn, tuple[float, float]]]) -> float:
    """Media time, in ms, where the mouth's clock is zero."""
    return statistics.median(end - _mouth(turn)[1] for turn, (_, end) in windows)


def _window(messages: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    final = [one for one in messages if one["type"] == "transcription" and one["final"] and one["text"].strip()]
    return (min(one["startMs"] for one in final), max(one["endMs"] for one in final)) if final else None


def _mouth(turn: JudgedTurn) -> tuple[float, float]:
    spoken = turn.turn.words
    return 1000 * (turn.began + spoken[0].start), 1000 * (turn.began + spoken[-1].end)


def unlike(said: str, heard: str) -> int:
    """Return the number of edge words (first and last) that differ between `said` and `heard`, 0 to 2."""
    wanted, found = words(said), words(heard)
    return sum(not found or found[place] != wanted[place] for place in (0, -1))


def wrong(turn: JudgedTurn, whole: str, missing: Outside | None) -> list[dict[str, Any]]:
    """Return the first and the last word, where recognising the `whole` file knew it and the call did not."""
    text = turn.clauses[0].text
    said, heard, file = words(text), words(turn.text), words(whole)
    found = []
    for place, name in ((0, "first"), (-1, "last")):
        if file and file[place] == said[place] and (not heard or heard[place] != said[place]):
            outside_ms = None if missing is None else round(getattr(missing, name))
            lost = outside_ms is None or outside_ms > MISSING_MS
            told = {"turn": turn.turn.name, "word": name, "said": text, "heard": turn.text}
            found.append(told | {"outsideMs": outside_ms, "lost": lost})
    return found
