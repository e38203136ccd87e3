"""What must be shown, and a verdict for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CUT = 0.03
EARLY = 0.9


@dataclass(frozen=True, slots=True)
class Target:
    """`value` is None for infinite; `passed` is None where this run did not measure it."""

    number: str
    what: str
    limit: str
    value: float | None
    passed: bool | None

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("number", "what", "limit", "value", "passed")}


def look(tree: Any, *path: str) -> Any:
    """A figure in the report; None where it is missing."""
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _time(number: str, what: str, found: Any, share: str, limit: float) -> Target:
    """A percentile that must not be later; a count of nothing is not measured."""
    value = look(found, share)
    measured = bool(look(found, "count"))
    return Target(number, what, f"≤ {limit:g} ms", value, (value is not None and value <= limit) if measured else None)


def _plain(number: str, what: str, value: float | None, limit: float, *, least: bool = False, unit: str = "") -> Target:
    sign = "≥" if least else "≤"
    passed = None if value is None else value >= limit if least else value <= limit
    return Target(number, what, f"{sign} {limit:g}{unit}", value, passed)


def _quotient(part: Any, whole: Any) -> float | None:
    return round(part / whole, 3) if part is not None and whole else None


def targets(report: Mapping[str, Any]) -> list[Target]:
    """All verdicts, of what the report holds."""
    starter = look(report, "profiles", "starter") or {}
    single, long, cut = (starter.get(kind, {}) for kind in ("single", "long", "cut"))
    scripted, base = (look(report, "profiles", name) or {} for name in ("scripted", "true-size base"))
    whole = single.get("whole", {})
    found = [
        _time("1", "starter: speech end to first translated sound, p50", single.get("endToFirstMs"), "p50", 450),
        _time("1", "starter: the same, p95", single.get("endToFirstMs"), "p95", 900),
        _plain("1", "starter: sentences cut at an inner pause", _quotient(single.get("cut"), single.get("turns")), CUT),
        _plain(
            "1", "starter: exact translations less those of whole files",
            _minus(whole.get("exactInCall"), whole.get("exactInWholeFile")), 0, least=True,
        ),
        _plain(
            "1", "scripted: overhead beyond the endpointing decision, p95",
            look(scripted, "single", "waterfall", "overheadP95"), 60, unit=" ms",
        ),
        _time("1", "true-size base: speech end to first sound, p50", look(base, "single", "endToFirstMs"), "p50", 1200),
        _plain(
            "2", "long turns: translation starts before the speaker ends",
            _quotient(long.get("startedBeforeTheEnd"), long.get("turns")), EARLY, least=True,
        ),
        _time("2", "long turns: ear-voice span, p50", long.get("earVoiceSpanMs"), "p50", 2000),
        _time("2", "long turns: ear-voice span, p95", long.get("earVoiceSpanMs"), "p95", 3500),
        _time("2", "long turns: first partial subtitle, p50", long.get("firstPartialMs"), "p50", 600),
        _time("2", "long turns: first partial subtitle, p95", long.get("firstPartialMs"), "p95", 900),
        _plain("7", "hesitations: first or last words lost", look(cut, "whole", "firstOrLastWordsLost"), 0),
    ]  # fmt: skip
    return found + _against_peers(report, starter)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _against_peers(report: Mapping[str, Any], starter: Mapping[str, Any]) -> list[Target]:
    """Failures are infinite, theirs as ours."""
    ours = look(starter, "single", "endToFirstMs", "p50"), look(starter, "long", "earVoiceSpanMs", "p50")
    found = []
    for name, peer in (report.get("peers") or {}).items():
        single = look(peer, "single", "endToFirstMs")
        long = look(peer, "long", "earVoiceSpanMs")
        share = 0.8 if name.endswith("best") else 0.5
        found += [
            _ratio(f"single clauses, p50 / that of {name}", ours[0], single, share),
            _ratio(f"long turns, ear-voice span p50 / that of {name}", ours[1], long, 1 / 3),
        ]
    return found


def _ratio(what: str, ours: float | None, theirs: Any, limit: float) -> Target:
    """Where theirs never comes, ours must only come."""
    if not look(theirs, "count"):
        return Target("8", what, f"≤ {limit:.2g}", None, None)
    other = look(theirs, "p50")
    value = round(ours / other, 3) if ours is not None and other else None
    passed = ours is not None and (other is None or ours <= limit * other)
    return Target("8", what, f"≤ {limit:.2g}", value, passed)
