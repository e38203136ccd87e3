"""Verdicts of a soak, and its report as a document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.markdown import table
from bench.report.target import Target

MOST_PER_HOUR = {"server_mb": 20.0, "engines_mb": 40.0, "files": 2.0, "threads": 1.0, "tasks": 2.0}
"""Slopes above which something grows. The engines start anew each minute: their sum jumps."""
MOST_LEFT = {"files": 2, "threads": 0, "tasks": 1}
"""More than before the calls, once all of them are over, and beside what new connections to the accounts' file are."""
OF_CONNECTION = {"files": 2, "threads": 1}
"""Each that the pool opened meanwhile, and keeps: the file with its log, and a thread."""
MOST_RED_S = 5.0
MOST_SLOWER = 1.5
MOST_UNCLEAR = 0.05
"""Share of the sentences that may be told as not understood: a hundredth of all datagrams is lost."""
SHORTEST_S = 1200.0
"""Time below which slopes say nothing, and are not judged."""


def judged(report: Mapping[str, Any]) -> list[Target]:
    """Return the targets with their verdicts."""
    told, faults = report["sentences"], report["faults"]
    every = sum(told.values())
    unclear = sum(told.get(one, 0) for one in ("refused", "nothing_said"))
    shown = told.get("subtitles_only", 0)
    lost = every - unclear - shown - told.get("spoken", 0)
    targets = [
        Target("1", f"sentences lost, of {every}", "0", lost, every > 0 and lost == 0),
        Target(
            "1", "sentences told as not understood", f"{MOST_UNCLEAR:.0%}", unclear, unclear <= MOST_UNCLEAR * every
        ),
        Target("1", "sentences only shown, since the machine was too busy", "–", shown, None),
        Target("2", "exceptions in the log", "0", report["exceptions"], report["exceptions"] == 0),
        Target("2", "failures contained", "0", report["contained"], report["contained"] == 0),
    ]
    for key, most in MOST_PER_HOUR.items():
        value = report["slopes_per_hour"][key]
        judge = report["seconds"] >= SHORTEST_S and value is not None
        targets.append(Target("3", f"{key}, an hour", f"{most:g}", value, value <= most if judge else None))
    opened = report["after"]["connections"] - report["before"]["connections"]
    for key, least in MOST_LEFT.items():
        most = least + opened * OF_CONNECTION.get(key, 0)
        value = report["after"][key] - report["before"][key]
        targets.append(Target("3", f"{key} left by calls that are over", f"{most}", value, value <= most))
    for name, limit in report["limits"].items():
        value = report["most"][name]
        targets.append(Target("4", f"{name} at most", f"{limit:g}", value, value < limit))
    return [*targets, *_of_faults(faults), *_of_the_first(report["first_s"], report["tenth_s"])]


def _of_faults(faults: Mapping[str, Any]) -> list[Target]:
    red, back = faults["red_s"], faults["green_s"]
    every = faults["count"]
    return [
        Target(
            "5", "/ready red after a kill, s, longest", f"{MOST_RED_S:g}", red, red is not None and red <= MOST_RED_S
        ),
        Target("5", "kills that /ready did not show", "0", faults["unseen"], faults["unseen"] == 0),
        Target("5", f"kills after which it stayed red, of {every}", "0", faults["stayed"], faults["stayed"] == 0),
        Target("5", "green again after, s, longest", "–", back, None),
        Target("5", "gauge red after a kill, s, longest", f"{MOST_RED_S:g}", faults["gauge_s"], _within(faults)),
    ]


def _within(faults: Mapping[str, Any]) -> bool | None:
    return None if faults["gauge_s"] is None else faults["gauge_s"] <= MOST_RED_S


def _of_the_first(first: float | None, tenth: float | None) -> list[Target]:
    limit = None if tenth is None else round(MOST_SLOWER * tenth, 2)
    passed = first is not None and limit is not None and first <= limit
    return [Target("6", "first sound of the first utterance after ready, s", f"{limit}", first, passed)]


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as a document."""
    marks = {True: "yes", False: "NO", None: "–"}
    rows = [[one["what"], one["value"], one["limit"], marks[one["passed"]]] for one in report["targets"]]
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report["sentences"].items()))
    return (
        "\n\n".join(
            [
                "# Soak of a server",
                f"{report['seconds'] / 60:.0f} minutes. {report['calls']} calls came and went, up to "
                f"{report['places']} at once, with the bundled engines, and {report['refused']} were refused while an "
                f"engine started or the machine was busy; {report['loss']:.0%} of all datagrams was lost "
                f"in each direction; {report['crashed']} clients were killed, and {report['faults']['count']} engines, "
                "one a minute. No sentence sounds like one before it.",
                f"Sentences: {told}.",
                table(["", "value", "limit", "reached"], rows),
                f"Other programs took {report['others']:.0%} of the machine meanwhile. {report['enforced']}",
            ]
        )
        + "\n"
    )
