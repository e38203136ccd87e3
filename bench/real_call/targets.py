"""Targets of a real call, and a verdict for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.real_call.peers import PEERS
from bench.real_call.ways import STOCK
from bench.report.target import Target

WAY = "short"
"""The way that targets are for: short windows and espeak-ng's voice."""
MOST_MS = {"p50": 450, "p95": 900}
"""End of speech to the first translated sound, of single sentences."""
MOST_SPAN_MS = 1500
"""Ear-voice span of several sentences, p50."""
MOST_POINTS = 1.0
"""Points of words that may be wrong in the call beyond whole padded files."""
MOST_OF_PEERS = 0.5


def targets(report: Mapping[str, Any]) -> list[Target]:
    """Return the verdicts on short windows."""
    short = report["ways"].get(WAY, {})
    found = [
        _time(f"short, single: speech end to first sound, {share}", short, "single", "endToFirstMs", share, limit)
        for share, limit in MOST_MS.items()
    ]
    what = "short, several: ear-voice span, p50"
    found.append(_time(what, short, "several", "earVoiceSpanMs", "p50", MOST_SPAN_MS))
    for name, peer in report.get("peers", {}).items():
        if PEERS[name].windows != STOCK:
            found.append(_ratio(f"short, single: p50 / that of {name}", short, peer, "single", "endToFirstMs"))
            found.append(_ratio(f"short, several: span p50 / that of {name}", short, peer, "several", "earVoiceSpanMs"))
    said, call = (sum(of[key] for of in short.values()) for key in ("words", "wrongInCall"))
    whole = sum(report.get("wholeFiles", {}).get(kind, 0) for kind in short)
    points = round(100 * (call - whole) / said, 2) if said else None
    what = "short: points of words wrong in the call beyond whole padded files"
    return [*found, Target("1", what, f"≤ {MOST_POINTS:g}", points, None if points is None else points <= MOST_POINTS)]


def ratio(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> float | None:
    """Return the ratio of two medians; None where one is infinite or was not measured."""
    mine, other = (ours or {}).get("p50"), (theirs or {}).get("p50")
    return round(mine / other, 3) if mine is not None and other else None


def _time(what: str, way: Mapping[str, Any], kind: str, key: str, share: str, limit: int) -> Target:
    times = way.get(kind, {}).get(key) or {}
    value = times.get(share)
    passed = (value is not None and value <= limit) if times.get("count") else None
    return Target("2", what, f"≤ {limit} ms", value, passed)


def _ratio(what: str, ours: Mapping[str, Any], theirs: Mapping[str, Any], kind: str, key: str) -> Target:
    """Return the verdict beside a peer. Where its median is infinite, ours must be finite, and there is no ratio."""
    mine, other = (one.get(kind, {}).get(key) or {} for one in (ours, theirs))
    passed = None
    if mine.get("count") and other.get("count"):
        passed = mine["p50"] is not None and (other["p50"] is None or mine["p50"] <= MOST_OF_PEERS * other["p50"])
    return Target("2", what, f"≤ {MOST_OF_PEERS:g}", ratio(mine, other), passed)
