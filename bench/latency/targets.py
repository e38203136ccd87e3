"""Targets of the latency bench, and a verdict for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

CUT = 0.03
NONE = "none"
"""The limit of a figure that stands beside the others, without a verdict."""
EARLY = 0.9


@dataclass(frozen=True, slots=True)
class Target:
    """`value` is None for infinite, or, of a ratio that passed, for a peer's infinite time; `passed` is None where this
    run did not measure it, and where there is no limit. `beside`: what a reader must know with it."""

    number: str
    what: str
    limit: str
    value: float | None
    passed: bool | None
    beside: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def look(tree: Any, *path: str) -> Any:
    """Return a figure in the report; None where it is missing."""
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _time(number: str, what: str, found: Any, share: str, limit: float) -> Target:
    """Return the verdict on a percentile that must not be later than `limit` ms. A count of nothing is not measured."""
    value = look(found, share)
    measured = bool(look(found, "count"))
    return Target(number, what, f"≤ {limit:g} ms", value, (value is not None and value <= limit) if measured else None)


def _plain(number: str, what: str, value: float | None, limit: float, *, least: bool = False) -> Target:
    sign = "≥" if least else "≤"
    passed = None if value is None else value >= limit if least else value <= limit
    return Target(number, what, f"{sign} {limit:g}", value, passed)


def _quotient(part: Any, whole: Any) -> float | None:
    return round(part / whole, 3) if part is not None and whole else None


def targets(report: Mapping[str, Any]) -> list[Target]:
    """Return all verdicts that the report allows."""
    starter = look(report, "profiles", "starter") or {}
    single, long, cut = (starter.get(kind, {}) for kind in ("single", "long", "cut"))
    scripted, base = (look(report, "profiles", name) or {} for name in ("scripted", "true-size base short"))
    whole = single.get("whole", {})
    found = [
        _time("1", "starter: speech end to first translated sound, p50", single.get("endToFirstMs"), "p50", 450),
        _time("1", "starter: the same, p95", single.get("endToFirstMs"), "p95", 900),
        _plain("1", "starter: sentences cut at an inner pause", _quotient(single.get("cut"), single.get("turns")), CUT),
        _plain(
            "1", "starter: exact translations less those of whole files",
            _minus(whole.get("exactInCall"), whole.get("exactInWholeFile")), 0, least=True,
        ),
        _time(
            "1", "scripted: overhead beyond the endpointing decision, p95",
            look(scripted, "single", "waterfall", "overheadMs"), "p95", 60,
        ),
        _time(
            "1", "true-size base, short windows: speech end to first sound, p50",
            look(base, "single", "endToFirstMs"), "p50", 1200,
        ),
        *_beside(report, "true-size base padded", "true-size small short", "true-size small padded"),
        _plain(
            "2", "long turns: translation starts before the speaker ends",
            _quotient(long.get("startedBeforeTheEnd"), long.get("turns")), EARLY, least=True,
        ),
        _time("2", "long turns: ear-voice span, p50", long.get("earVoiceSpanMs"), "p50", 2000),
        _time("2", "long turns: ear-voice span, p95", long.get("earVoiceSpanMs"), "p95", 3500),
        _time("2", "long turns: first partial subtitle, p50", long.get("firstPartialMs"), "p50", 600),
        _time("2", "long turns: first partial subtitle, p95", long.get("firstPartialMs"), "p95", 900),
        Target(
            "7", "hesitations: sentences translated in pieces", NONE, _quotient(cut.get("cut"), cut.get("turns")), None,
        ),
        _plain("7", "hesitations: first or last words lost", look(cut, "whole", "firstOrLastWordsLost"), 0),
        _plain("7", "hesitations: first or last words wrong, call less whole file", _wrong_at_the_edges(cut), 0),
    ]  # fmt: skip
    return found + _against_peers(report, starter)


def _beside(report: Mapping[str, Any], *names: str) -> list[Target]:
    """Return the same figure of other profiles, without a verdict."""
    found = ((name, look(report, "profiles", name, "single", "endToFirstMs", "p50")) for name in names)
    return [
        Target("1", f"{name}: speech end to first sound, p50", NONE, value, None)
        for name, value in found
        if value is not None
    ]


def _wrong_at_the_edges(cut: Mapping[str, Any]) -> float | None:
    """Return the surplus of wrong edge words over recognising whole files, for whatever reason."""
    whole = cut.get("whole", {})
    return _minus(whole.get("firstOrLastWordsWrongInCall"), whole.get("firstOrLastWordsWrongInWholeFile"))


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _against_peers(report: Mapping[str, Any], starter: Mapping[str, Any]) -> list[Target]:
    """Return the verdicts beside each peer. Failures are infinite, theirs as ours."""
    found = []
    for name, peer in (report.get("peers") or {}).items():
        share = 0.8 if name.endswith("best") else 0.5
        single = starter.get("single", {}), peer.get("single", {})
        long = starter.get("long", {}), peer.get("long", {})
        found += [
            _ratio(f"single clauses, p50 / that of {name}", "endToFirst", *single, share),
            _ratio(f"long turns, ear-voice span p50 / that of {name}", "earVoiceSpan", *long, 1 / 3),
        ]
    return found


def _ratio(what: str, key: str, ours: Mapping[str, Any], theirs: Mapping[str, Any], limit: float) -> Target:
    """Return the verdict on the ratio of our median and theirs.

    Where theirs is infinite, ours must be finite. The share of clauses that theirs had right, and the ratio over all
    clauses, stand beside it: a peer whose every second clause fails has no finite median.
    """
    if not look(theirs, f"{key}Ms", "count"):
        return Target("8", what, f"≤ {limit:.2g}", None, None)
    mine, other = look(ours, f"{key}Ms", "p50"), look(theirs, f"{key}Ms", "p50")
    passed = mine is not None and (other is None or mine <= limit * other)
    value = _quotient(mine, other)
    any_said = _quotient(look(ours, f"{key}AnyMs", "p50"), look(theirs, f"{key}AnyMs", "p50"))
    beside = f"heard right: {_right(theirs)} theirs, {_right(ours)} ours; whatever was said: {_told(any_said)}"
    return Target("8", what, f"≤ {limit:.2g}", value, passed, beside)


def _right(figures: Mapping[str, Any]) -> str:
    return f"{_told(figures.get('right'))} of {_told(figures.get('clauses'))}"


def _told(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
