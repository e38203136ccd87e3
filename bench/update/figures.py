"""Figures of updates: for how long the original voice was away, and what became of sentences and of calls. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bench.report.markdown import table
from bench.report.target import Target
from bench.update.server import Update
from testing.percentiles import percentile

MOST_GAP_S = 5.0
SEEN_S = 30.0
"""Time after the signal in which the gap of an update is looked for."""


BEGUN_S = 0.3
"""Time within which the beginning of a sentence has reached the interpreter."""
AROUND_S = 0.7
"""An utterance is of a sentence if it begins this near to the sentence's time."""


def away(arrivals: Sequence[float], updates: Sequence[Update]) -> list[tuple[float, float]]:
    """Return for each update when the interpreter began no sentence: from the signal to the original voice's return."""
    return [
        (update.signalled, next((one for one in arrivals if one >= update.ready), float("inf"))) for update in updates
    ]


def fates(
    spans: Iterable[tuple[float, float]], ends: Iterable[tuple[float, str]], times_away: Sequence[tuple[float, float]]
) -> tuple[Counter[str], Counter[str]]:
    """Return what became of the sentences that were begun while a server listened, and of all others.

    `spans`: first and last moment of each sentence. `ends`: beginning and outcome of each utterance. All loop time, s.
    A sentence of several utterances counts by one that was not spoken, of none as `lost`.
    """
    listened, others = Counter[str](), Counter[str]()
    told = list(ends)
    for since, until in spans:
        of_it = [outcome for began, outcome in told if since - AROUND_S <= began <= until + AROUND_S]
        bad = [outcome for outcome in of_it if outcome != "spoken"]
        nobody = any(signalled - BEGUN_S <= since < back for signalled, back in times_away)
        (others if nobody else listened)[bad[0] if bad else "spoken" if of_it else "lost"] += 1
    return listened, others


def gap_s(arrivals: Sequence[float], update: Update) -> float:
    """Return the longest time without a packet of the original voice from the signal on; infinite if none came back."""
    around = [one for one in arrivals if update.signalled - 1 <= one <= update.signalled + SEEN_S]
    if not around or around[-1] < update.ready:
        return float("inf")
    return max((after - before for before, after in pairwise(around)), default=float("inf"))


def unspoken(messages: Iterable[Mapping[str, Any]], mine: str) -> list[str]:
    """Return the utterances of the partner that have a final translation, and no end as `spoken`."""
    final: dict[str, None] = {}
    spoken = set()
    for message in messages:
        if message["type"] == "translation" and message["final"] and message["sourceUserId"] != mine:
            final[message["utteranceId"]] = None
        elif message["type"] == "utterance_end" and message["outcome"] == "spoken":
            spoken.add(message["utteranceId"])
    return [one for one in final if one not in spoken]


def judged(report: dict[str, Any]) -> list[Target]:
    """Return the targets with their verdicts."""
    gap, calls = report["gap_p95_s"], report["calls"] * report["updates"]
    unheard = sum(count for outcome, count in report["listened"].items() if outcome != "spoken")
    return [
        Target("1", "original voice away, p95", f"{MOST_GAP_S:g} s", gap, gap is not None and gap <= MOST_GAP_S),
        Target("2", "sessions that ended", "0", report["ended"], report["ended"] == 0),
        Target("3", "final text that was not spoken", "0", report["unspoken"], report["unspoken"] == 0),
        Target("4", "calls interpreted again", f"{calls}", report["resumed"], report["resumed"] == calls),
        Target("5", "sentences begun while a server listened, and not spoken", "0", unheard, unheard == 0),
    ]


def summary(gaps: Sequence[float], updates: Sequence[Update]) -> dict[str, Any]:
    """Return percentiles of the gaps, and how long the processes took."""
    return {
        "gap_p50_s": _rounded(percentile(gaps, 0.5)),
        "gap_p95_s": _rounded(percentile(gaps, 0.95)),
        "gap_max_s": _rounded(max(gaps, default=None)),
        "sentences_end_s": _rounded(percentile([one.ended - one.signalled for one in updates], 0.5)),
        "start_s": _rounded(percentile([one.ready - one.ended for one in updates], 0.5)),
    }


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as a document."""
    verdicts = [
        [one["what"], one["value"], one["limit"], "yes" if one["passed"] else "NO"] for one in report["targets"]
    ]
    return (
        "\n\n".join(
            [
                "# Updates of a server while people talk",
                f"{report['updates']} updates (SIGHUP, the next process on the same port and data), {report['calls']} "
                "calls of two with the bundled engines, who go on talking all the time.",
                table(["", "value", "limit", "reached"], verdicts),
                table(
                    ["", "p50, s", "p95, s", "longest, s"],
                    [["original voice away", report["gap_p50_s"], report["gap_p95_s"], report["gap_max_s"]]],
                ),
                f"Sentences that were begun while a server listened: {_counted(report['listened'])}. Those that were "
                "begun between a signal and the return of the original voice, which are interpreted from the middle "
                f"or not at all: {_counted(report['in_between'])}.",
                f"The sentences in flight took {report['sentences_end_s']} s (p50), from the signal to the old "
                f"process's end, and the start of the next one {report['start_s']} s.",
            ]
        )
        + "\n"
    )


def _counted(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "none"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
