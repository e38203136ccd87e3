"""First and last words that a call lost, beside those that it had whole and understood wrongly. Pure.

A word is *lost* where its sound was outside of what the endpointer took for the utterance (`startMs` to `endMs` of
the server's final transcriptions), or where nothing of the turn was written down. Else the recogniser had all of it,
and *misheard* it.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.interpreting.judging import JudgedTurn, Outside
from bench.listening import words

MISSING_MS = 40
"""Two frames of a word may be missing: what has an end of its own is hardly louder than the room."""


def outside(turns: Sequence[JudgedTurn]) -> dict[str, Outside]:
    """Of the turns of one call, by their names; those without a final transcription are left out.

    Media time and the mouth's clock have an unknown, constant difference: it is taken so that in the middle turn of
    the call the last word is heard to its very end. A server that is early everywhere by more than what it lets sound
    before a first word shows there.
    """
    windows = {one.turn.name: window for one in turns if (window := _window(one.messages)) is not None}
    known = [one for one in turns if one.turn.name in windows]
    if not known:
        return {}
    zero = statistics.median(windows[one.turn.name][1] - _mouth(one)[1] for one in known)
    found = {}
    for one in known:
        (start, end), (first, last) = windows[one.turn.name], _mouth(one)
        found[one.turn.name] = Outside(max(0.0, start - zero - first), max(0.0, last + zero - end))
    return found


def _window(messages: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    final = [one for one in messages if one["type"] == "transcription" and one["final"] and one["text"].strip()]
    return (min(one["startMs"] for one in final), max(one["endMs"] for one in final)) if final else None


def _mouth(turn: JudgedTurn) -> tuple[float, float]:
    spoken = turn.turn.words
    return 1000 * (turn.began + spoken[0].start), 1000 * (turn.began + spoken[-1].end)


def wrong(turn: JudgedTurn, whole: str, missing: Outside | None) -> list[dict[str, Any]]:
    """The first and the last word, where recognising the `whole` file knew it and the call did not."""
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
