"""The report of the real profile as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.markdown import table


def markdown(report: Mapping[str, Any]) -> str:
    """Return the figures as tables."""
    answers, blocks = report["answers"], report["blocks"]
    refused = [(one["name"], "yes" if one["held_out"] else "", one["outcome"]) for one in answers if not one["spoken"]]
    lines = [
        "# What is no speech, before real weights",
        "",
        f"`python -m bench.disturbance --real`, {report['seconds']} s. {report['minutes']} minutes of synthetic noises "
        "(seeded), of six people who talk in the background (recorded prompts over each other), and of recorded music "
        f"in an English microphone before {report['model']} in short windows with a silent tail, in a call without a "
        "network: the real voice activity detector and interpreters, Apertium en→es, espeak-ng.",
        "",
        table(
            ("", "wanted", "found", ""),
            [(one["what"], one["limit"], one["value"], _verdict(one["passed"])) for one in report["targets"]],
        ),
        "",
        "How often voice activity believed that somebody spoke, the passes that were run, the utterances whose words "
        "were on the screen for a while, and the words that were spoken:",
        "",
        table(
            ("", "seconds", "utterances opened", "passes", "texts seen", "words spoken"),
            [
                (one["kind"], round(one["seconds"]), one["opened"], one["asked"], len(one["shown"]),
                 sum(len(text.split()) for text in one["spoken"]))
                for one in blocks
            ],
        ),
        "",
        f"{len(answers)} human prompts at the same settings, {len(refused)} refused or not noticed.",
        *(["", table(("prompt", "held out", "outcome"), refused)] if refused else []),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _verdict(passed: bool | None) -> str:
    return "not measured" if passed is None else "yes" if passed else "**no**"
