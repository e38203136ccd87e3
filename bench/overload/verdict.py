"""Targets of the overload bench, and its report as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.report.markdown import table
from bench.report.target import Target

LATE_MS = 20.0
BACK_S = 10.0
LEAST_REFUSALS = 5
LEAST_CAME = 0.99


def targets(report: Mapping[str, Any]) -> list[Target]:
    """The verdicts on a run."""
    before, after, back = report["before"], report["after"], report["back"]

    def target(number: str, what: str, limit: str, value: float | None, passed: bool) -> Target:
        return Target(number, what, limit, value, value is not None and passed)

    def on_time(number: str, what: str, figures: Mapping[str, Any]) -> Target:
        late = figures["late_p99_ms"]
        return target(number, what, f"< {LATE_MS:g} ms", late, late is not None and late < LATE_MS)

    came, returned, others = after["original_came"], report["back_s"], len(report["refused_otherwise"])
    return [
        target("6", "refused by 503 at_capacity", f"≥ {LEAST_REFUSALS}", report["refused"],
               report["refused"] >= LEAST_REFUSALS),
        target("6", "other refusals or failures", "0", others, others == 0),
        target("6", "peers who lost their connection", "0", report["lost"], report["lost"] == 0),
        on_time("6", "running calls after the first refusal, late p99", after),
        target("6", "packets of the partner's voice that came then", f"≥ {LEAST_CAME:g}", came,
               came is not None and came >= LEAST_CAME),
        on_time("6", "running calls before it, late p99", before),
        target("6", "half have left: let in again after", f"≤ {BACK_S:g} s", returned,
               returned is not None and returned <= BACK_S),
        on_time("6", "running calls then, late p99", back),
    ]  # fmt: skip


def markdown(report: Mapping[str, Any]) -> str:
    """The whole report."""
    machine = report["machine"]
    verdicts = [
        [one["number"], one["what"], _number(one["value"]), one["limit"], "pass" if one["passed"] else "FAIL"]
        for one in report["targets"]
    ]
    return (
        "\n\n".join(
            [
                "# Overload, measured",
                f"`python -m bench.overload`, {report['seconds_taken']:.0f} s; {machine['cpu']}, Linux "
                f"{machine['kernel']}, Python {machine['python']}. `dragoman serve` and its scripted engines have one "
                "core, the load another. Before the run the two were "
                f"{machine['busy_before']:.0%} busy with other things.",
                "## Targets",
                table(["", "what", "value", "limit", ""], verdicts),
                f"## {report['admitted']} calls were let in, {report['refused']} more refused",
                f"The first refusal came after {report['first_refusal_s']} s, at {report['first_refusal_calls']} calls "
                f"({2 * report['first_refusal_calls']} peers). The server was asked on each second, for "
                f"{report['asked_on_s']:g} s; where there was room for a moment, "
                f"{report['admitted_after_first_refusal']} more were let in. Then half of the calls left at once, and "
                f"{_number(report['back_s'])} s later one was let in again.",
                table(
                    [
                        "",
                        "calls",
                        "server CPU %",
                        "late p50, ms",
                        "p99",
                        "original p99",
                        "interpreter p99",
                        "worst second",
                    ],
                    [
                        _row("before the first refusal", report["before"]),
                        _row("after it", report["after"]),
                        _row("when half have left", report["back"]),
                    ],
                ),
                "## Each second",
                table(
                    ["s", "calls", "refused", "server CPU %", "late p50, ms", "p99", "load's own p99"],
                    _seconds(report["seconds"], report["attempts"]),
                ),
                _notes(),
            ]
        )
        + "\n"
    )


def _row(name: str, figures: Mapping[str, Any]) -> list[object]:
    late = ("late_p50_ms", "late_p99_ms", "original_p99_ms", "interpreter_p99_ms", "worst_second_ms")
    return [name, figures["calls"], _number(figures["cpu"], 0), *(_number(figures[key]) for key in late)]


def _seconds(seconds: Sequence[Mapping[str, Any]], attempts: Sequence[Sequence[Any]]) -> list[list[object]]:
    rows = []
    since = 0.0
    for one in seconds:
        refused = sum(since < at <= one["at"] and code is not None for at, _, _, code in attempts)
        since = one["at"]
        late = [_number(one[key]) for key in ("late_p50_ms", "late_p99_ms", "generator_late_p99_ms")]
        rows.append([_number(one["at"], 1), one["calls"], refused or "", _number(one["cpu"], 0), *late])
    return rows


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits if isinstance(value, float) else 0}f}"


def _notes() -> str:
    return (
        "Everybody speaks 3.5 s of every 5 s, and 1.5 s of speech answer. Late is, of the partner's own voice, the "
        "whole time from the load's socket through the server and back (kernel time of arrival); of the "
        "interpreter's, the time after the quickest packets of its stream, by RTP timestamps. The figures are of all "
        "packets of all running calls. CPU is the server's process, without the engines, which are niced processes on "
        "the same core; in the first table that of the last 5 s."
    )
