"""Targets of short windows beside the padded ones, and a verdict for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.target import Target

MOST_POINTS = {"clean": 0.5, "noise": 1.0, "opus": 1.0}
"""Points of all words that may be wrong beyond the padded ones, in each condition."""
LEAST_AGREEMENT = 0.95
MOST_OF_PADDED = 1 / 3


def targets(report: Mapping[str, Any]) -> list[Target]:
    """Return the verdicts on the first way that is not the padded one."""
    found = []
    for condition, parts in report["conditions"].items():
        for part, rows in parts.items():
            if part != "toChooseBy":
                points, limit = rows[1]["morePoints"], MOST_POINTS[condition]
                what = f"{condition}, {_TITLES[part]}: points of words wrong beyond padded"
                found.append(Target("1", what, f"≤ {limit:g}", points, points <= limit))
    cut = report["interims"]
    agree = cut["agree"] if cut["words"] else None
    found.append(
        Target(
            "1", "interims: share of words as in the padded pass", f"≥ {LEAST_AGREEMENT:g}", agree,
            None if agree is None else agree >= LEAST_AGREEMENT,
        )
    )  # fmt: skip
    if "clean" not in report["conditions"]:
        return found
    share = report["conditions"]["clean"]["all"][1]["cpuOfPaddedAt3s"]
    found.append(
        Target(
            "1", "processor time of a pass at 3 s, of the padded one's", f"≤ {MOST_OF_PADDED:.3f}", share,
            None if share is None else share <= MOST_OF_PADDED,
        )
    )  # fmt: skip
    return found


_TITLES = {"all": "all prompts", "heldOut": "held out"}
