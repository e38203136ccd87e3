"""The report of a real call as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.markdown import table

OTHERS = 0.1
_HEAD = (
    "windows",
    "prompts",
    "turns",
    "p50, ms",
    "p95, ms",
    "never",
    "pieces",
    "words wrong",
    "in whole files",
    "said",
)


def markdown(report: Mapping[str, Any]) -> str:
    """Return the figures as tables."""
    machine = report["machine"]
    rows = [
        (
            way, kind, one["turns"], one["endToFirstMs"]["p50"], one["endToFirstMs"]["p95"],
            one["endToFirstMs"]["infinite"], one["pieces"], one["wrongInCall"], one["wrongInWholeFiles"], one["words"],
        )
        for way, kinds in report["ways"].items()
        for kind, one in kinds.items()
    ]  # fmt: skip
    others = max((one["othersBusy"] for kinds in report["ways"].values() for one in kinds.values()), default=0.0)
    warning = (
        [f"**Disturbed: others took up to {others:.0%} of the machine during a load.**"] if others > OTHERS else []
    )
    parts = [
        "# A call with real weights and a human voice",
        f"`python -m bench.real_call`, on {machine['cores']} cores of {machine['cpu']}, Linux {machine['kernel']}: "
        "Whisper tiny.en, Apertium en→es, espeak-ng. Times are from the end of speech to the first translated sound "
        "at the listener's ear: below zero where the interpreter began before the speaker ended. Words wrong are those "
        "of the subtitles.",
        *warning,
        table(
            ("target", "wanted", "found", ""),
            [(one["what"], one["limit"], one["value"], _verdict(one["passed"])) for one in report["targets"]],
        ),
        table(_HEAD, rows),
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(passed: bool | None) -> str:
    return "not measured" if passed is None else "yes" if passed else "**no**"
