"""Figures of a soak: slopes of what is held, what became of each sentence, and the verdicts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import Any

AROUND_MS = 700
"""An utterance is of a sentence if it begins this near to the sentence's time. Its first sound may be missed."""
TOLD_S = 15.0
"""Time after a sentence's end by which its end has been told, if the listener is still there."""
SETTLED_SHARE = 0.2
"""Share of the time, from the beginning, that slopes leave out: caches fill in it."""
MOST_POINTS = 240


def slope_per_hour(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the median slope of all pairs (Theil and Sen) of (s, value) an hour; None of fewer than three points."""
    step = max(1, len(points) // MOST_POINTS)
    slopes = [
        (later - earlier) / (then - now)
        for (now, earlier), (then, later) in combinations(points[::step], 2)
        if then > now
    ]
    return round(3600 * median(slopes), 2) if len(slopes) >= 3 else None


def slopes(samples: Sequence[Mapping[str, float]], keys: Iterable[str]) -> dict[str, float | None]:
    """Return the slope of each key of the samples, whose `at` is in s."""
    first, last = samples[0]["at"], samples[-1]["at"]
    settled = [one for one in samples if one["at"] >= first + SETTLED_SHARE * (last - first)]
    return {key: slope_per_hour([(one["at"], one[key]) for one in settled]) for key in keys}


def sentences(speaker: Sequence[Mapping[str, Any]], listener: Sequence[Mapping[str, Any]], until: float) -> list[str]:
    """Return what became of each sentence of a speaker: outcomes of its utterances, `lost`, or nothing if it was cut.

    Both are lines that a person's program said. `until`: loop time until which both were in the call. A sentence of
    several utterances counts by the worst of them that is not `nothing_said`.
    """
    me = next((line["person"] for line in speaker if "person" in line), None)
    together = max((line["at"] for side in (speaker, listener) for line in side if "connected" in line), default=until)
    ends = {line["utterance"]: line["end"] for line in listener if "utterance" in line and line["of"] == me}
    found = []
    for line in speaker:
        if "sentence" not in line or line["at"] < together:
            continue
        of_it = [
            outcome
            for utterance, outcome in ends.items()
            if line["startMs"] - AROUND_MS <= _start_ms(utterance) <= line["endMs"] + AROUND_MS
        ]
        over = line["at"] + (line["endMs"] - line["startMs"]) / 1000 + TOLD_S
        if of_it or over < until:
            found.append(_worst(of_it))
    return found


def _start_ms(utterance: str) -> int:
    return int(utterance.partition("-")[0])


def _worst(outcomes: Sequence[str]) -> str:
    said = [one for one in outcomes if one != "nothing_said"]
    if not said:
        return "nothing_said" if outcomes else "lost"
    bad = [one for one in said if one != "spoken"]
    return bad[0] if bad else "spoken"


def counted(calls: Iterable[tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]], float]]) -> Counter[str]:
    """Return what became of all sentences of calls, each the lines of both people and the time of its end."""
    found: Counter[str] = Counter()
    for one, other, until in calls:
        found.update(sentences(one, other, until))
        found.update(sentences(other, one, until))
    return found
