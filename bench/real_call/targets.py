"""Targets of a real call, and a verdict for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.target import Target

MOST_MS = {"p50": 450, "p95": 900}
"""End of speech to the first translated sound, of single sentences in short windows."""
MOST_POINTS = 1.0
"""Points of words that may be wrong in the call beyond whole padded files."""


def targets(report: Mapping[str, Any]) -> list[Target]:
    """Return the verdicts on short windows."""
    short = report["ways"].get("short", {})
    found = []
    for share, limit in MOST_MS.items():
        times = short.get("single", {}).get("endToFirstMs", {})
        value = times.get(share)
        passed = (value is not None and value <= limit) if times.get("count") else None
        found.append(Target("2", f"short, single: speech end to first sound, {share}", f"≤ {limit} ms", value, passed))
    said, call, whole = (sum(of[key] for of in short.values()) for key in ("words", "wrongInCall", "wrongInWholeFiles"))
    points = round(100 * (call - whole) / said, 2) if said else None
    what = "short: points of words wrong in the call beyond whole padded files"
    found.append(Target("1", what, f"≤ {MOST_POINTS:g}", points, None if points is None else points <= MOST_POINTS))
    return found
