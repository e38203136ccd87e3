"""The report of short windows as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.report.markdown import table

_CONDITIONS = {"clean": "As recorded", "noise": "Pink noise at 10 dB", "opus": "Through Opus, 2 % of packets lost"}
_PARTS = {"all": "all prompts", "toChooseBy": "to choose by", "heldOut": "held out"}
_HEAD = ("way", "words wrong", "points more", "95 % interval", "texts that differ", "CPU ms", "of padded", "at 3 s")


def markdown(report: Mapping[str, Any]) -> str:
    """Return the figures as tables."""
    machine, versions = report["machine"], report["versions"]
    command = "python -m bench.short_windows" + ("" if report["targets"] else " --choose")
    parts = [
        "# Short windows on a human voice",
        f"`{command}`: {report['model']}, {report['threads']} thread(s), on {machine['cores']} "
        f"cores of {machine['cpu']}, Linux {machine['kernel']}, Python {machine['python']}, "
        f"{', '.join(f'{name} {number}' for name, number in versions.items())}. Others took "
        f"{report['othersBusy']:.0%} of the machine meanwhile: times are processor time. A way is the margin and the "
        "silent tail in frames of 10 ms. Intervals are of the difference, by a paired bootstrap over prompts.",
        *_judged(report["targets"]),
        *_tables(report["conditions"]),
    ]
    if cut := report.get("interims"):
        parts.append(
            f"Cut at 35, 60 and 80 % ({cut['count']} passes): {cut['agree']:.1%} of {cut['words']} words are those of "
            f"the padded pass; {cut['cpuMs']} ms of processor time a pass against {cut['paddedCpuMs']}. "
            f"{cut['looped']} went round in circles ({cut['paddedLooped']} of the padded ones), and are cut where they "
            "begin to."
        )
    return "\n\n".join(parts) + "\n"


def _judged(targets: list[Mapping[str, Any]]) -> Iterator[str]:
    if targets:
        yield table(
            ("target", "wanted", "found", ""),
            [(one["what"], one["limit"], one["value"], _verdict(one["passed"])) for one in targets],
        )


def _verdict(passed: bool | None) -> str:
    return "not measured" if passed is None else "yes" if passed else "**no**"


def _tables(conditions: Mapping[str, Any]) -> Iterator[str]:
    for condition, parts in conditions.items():
        for part, rows in parts.items():
            first = rows[0]
            yield f"## {_CONDITIONS[condition]}, {_PARTS[part]}: {first['prompts']} prompts, {first['words']} words"
            yield table(_HEAD, [_cells(one) for one in rows])


def _cells(one: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        one["way"],
        f"{one['errors']} ({one['wer']:.1%})",
        one["morePoints"],
        " to ".join(map(str, one["interval95"])),
        one["differ"],
        one["cpuMs"],
        one["cpuOfPadded"],
        one["cpuOfPaddedAt3s"],
    )
