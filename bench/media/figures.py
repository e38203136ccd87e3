"""Rounds become figures: medians and spread, and a verdict for each target. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.media.contenders import OURS
from bench.media.fewer_peers import Side
from bench.media.received_tones import COUNTS
from bench.report.target import Target
from testing.percentiles import percentile


@dataclass(frozen=True, slots=True)
class Figure:
    """A median over rounds, with the least and the greatest."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure | None:
        return cls(median(values), min(values), max(values)) if values else None

    def as_json(self) -> list[float]:
        return [round(self.value, 3), round(self.low, 3), round(self.high, 3)]


def figures_of(rounds: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """One server's figures from the phases of each round: CPU and, for each kind of wire, delay and loss."""
    cpu, lateness, others = [], [], []
    wires: dict[str, list[Mapping[str, Any]]] = {}
    failures = []
    for phases in rounds:
        for phase in phases:
            if "failed" in phase:
                failures.append(f"{phase['name']}: {phase['failed']}")
                continue
            if phase["name"] == "clean":
                cpu.append(phase["cpu_per_peer"])
            lateness.append(phase["generator_late_p99_ms"])
            others.append(phase["others_on_core"])
            for group in phase["groups"]:
                if "hearing" in group:
                    wires.setdefault(wire_name(group), []).append(group)
    figures: dict[str, Any] = {"cpu_per_peer": _json(cpu), "generator_late_p99_ms": _json(lateness)}
    figures["others_on_core"] = _json(others)
    for name, groups in wires.items():
        figures[name] = _wire_figures([group["hearing"] for group in groups])
        late = [group["interpreter_late_p99_ms"] for group in groups if "interpreter_late_p99_ms" in group]
        if late:
            figures[name]["interpreter_late_p99_ms"] = _json(late)
            figures[name]["interpreter_packets_per_s"] = _json([group["interpreter_packets_per_s"] for group in groups])
    if failures:
        figures["failures"] = failures
    return figures


def wire_name(group: Mapping[str, Any]) -> str:
    """`clean`, `loss 2 %`, `jitter 30 ms`, or both."""
    parts = []
    if group.get("loss"):
        parts.append(f"loss {group['loss'] * 100:g} %")
    if group.get("jitter_ms"):
        parts.append(f"jitter {group['jitter_ms']:g} ms")
    return ", ".join(parts) or "clean"


def _wire_figures(hearings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    total = {name: sum(hearing[name] for hearing in hearings) for name in COUNTS}
    heard = [hearing["delays"] for hearing in hearings if hearing["delays"]]
    return {
        "delay_p50_ms": _json([percentile(delays, 0.5) or 0.0 for delays in heard]),
        "delay_p95_ms": _json([percentile(delays, 0.95) or 0.0 for delays in heard]),
        "slots": total["slots"],
        "lost": total["lost"],
        "filled": _share(total["filled"], total["slots"]),
        "unheard": total["unheard"],
        "unheard_per_lost": _share(total["unheard"], total["lost"]),
        "recovered": _share(total["recovered"], total["isolated"]),
        "returned": _share(total["returned"], total["losses_judged"]),
        "longest_stall_ms": max(hearing["longest_stall_ms"] for hearing in hearings),
        "stalls_over_60_ms": total["stalls"],
    }


def _json(values: Sequence[float]) -> list[float] | None:
    figure = Figure.of(values)
    return figure.as_json() if figure else None


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def ratios_of(sides: Mapping[str, Sequence[Side]]) -> dict[str, list[float] | None]:
    """Return the median and spread of the ratios to each other server, of rounds that were run side by side."""
    return {name: _json([one.ratio for one in of]) for name, of in sides.items()}


def beside(sides: Mapping[str, Sequence[Side]]) -> dict[str, dict[str, Any]]:
    """Return what lies behind the ratios: with how many peers both were measured, and their processor time."""
    return {
        name: {
            "peers": sorted({one.peers for one in of}),
            "ours": _json([one.ours for one in of]),
            "theirs": _json([one.theirs for one in of]),
        }
        for name, of in sides.items()
        if of
    }


def _at_most(number: str, what: str, value: float | None, limit: float, unit: str = "") -> Target:
    return Target(number, what, f"≤ {limit:g}{unit}", value, None if value is None else value <= limit)


def _at_least(number: str, what: str, value: float | None, limit: float, unit: str = "") -> Target:
    return Target(number, what, f"≥ {limit:g}{unit}", value, None if value is None else value >= limit)


def _look(tree: Mapping[str, Any], *path: str | int) -> float | None:
    """A figure in the report; the median where it is one; None where it was not measured."""
    found: Any = tree
    for step in path:
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return float(found[0]) if isinstance(found, list) else None if found is None else float(found)


def targets(report: Mapping[str, Any]) -> list[Target]:
    """The verdicts. Jitter's limit is the jitter itself and 20 ms."""
    echo, calls = report.get("echo", {}).get(OURS, {}), report.get("call", {}).get(OURS, {})
    clean, lossy, jitter = (echo.get(name, {}) for name in ("clean", "loss 2 %", "jitter 30 ms"))
    capacity = report.get("capacity", {})
    clean_words, bad_words = (_look(report, "words", OURS, name) for name in ("clean", "loss 10 %, jitter 50 ms"))
    fallen = None if clean_words is None or bad_words is None else round((clean_words - bad_words) * 100, 1)
    return [
        _at_most("1a", "echo CPU / aiortc's", _look(report, "ratios", "echo", "aiortc"), 0.5),
        _at_most("1a", "echo CPU / Pipecat's", _look(report, "ratios", "echo", "pipecat"), 0.5),
        _at_most("1a", "echo CPU / FastRTC's", _look(report, "ratios", "echo", "fastrtc"), 0.6),
        _at_most("1b", "call CPU / aiortc's", _look(report, "ratios", "call", "aiortc"), 0.16),
        _at_most("2", "original voice, delay p95", _look(calls, "clean", "delay_p95_ms"), 3, " ms"),
        _at_most("2", "decode path, delay p95", _look(clean, "delay_p95_ms"), 5, " ms"),
        _at_most("2", "decode path at 2 % loss, delay p95", _look(lossy, "delay_p95_ms"), 25, " ms"),
        _at_most("2", "decode path with 30 ms of jitter, delay p95", _look(jitter, "delay_p95_ms"), 50, " ms"),
        _at_least("3", "capacity of a core, echo / aiortc's", _ratio(capacity.get("echo", {})), 2),
        _at_least("3", "capacity of a core, call / aiortc's", _ratio(capacity.get("call", {})), 2),
        _at_least("4", "2 % loss: slots filled", _look(lossy, "filled"), 0.995),
        _at_most("4", "2 % loss: slots not heard as sent / lost", _look(lossy, "unheard_per_lost"), 1.3),
        _at_least("4", "2 % loss: isolated losses recovered by FEC", _look(lossy, "recovered"), 0.9),
        _at_most("4", "2 % loss: longest stall", _look(lossy, "longest_stall_ms"), 60, " ms"),
        _at_least("4", "2 % loss: delay back within 1 s", _look(lossy, "returned"), 1),
        _at_most("4", "10 % loss, 50 ms jitter: words below the clean run", fallen, 10, " points"),
        _at_most(
            "5", "pacer beside a niced engine, p99", _look(report, "pacer", "niced process", "late_p99_ms"), 20, " ms"
        ),
    ]


def _ratio(capacities: Mapping[str, Any]) -> float | None:
    ours, theirs = (_look(capacities, name, "capacity") for name in (OURS, "aiortc"))
    return None if ours is None or not theirs else round(ours / theirs, 2)
