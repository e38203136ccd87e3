"""The report as a picture. A program for the environment that has matplotlib: `REPORT.json PICTURE.png`."""

from __future__ import annotations

import json
import sys
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLOURS = ("#1b7f5c", "#6a5acd", "#c98a1b", "#7a7a7a", "#b5533c", "#3c7fb5", "#8c6d31", "#b0b0b0")
BUDGETS = {"0.7 s": 700, "0.9 s, by stage": 900, "1.5 s": 1500, "15 s": 15_000}
"""Published budgets of earlier systems, ms from the end of speech to the first translated sound."""
STAGES = {
    "capture": "#d9d9d9",
    "network": "#b0b0b0",
    "endpointing": "#c98a1b",
    "stt": "#1b7f5c",
    "mt": "#6a5acd",
    "tts": "#b5533c",
    "playout": "#3c7fb5",
}


def look(tree: Any, *path: str) -> Any:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def bars(axes: Any, columns: dict[str, Any], kind: str, key: str, shares: tuple[str, ...]) -> None:
    """A group for each column, a bar for each percentile; what is infinite has a sign instead of a bar."""
    names = [name for name, column in columns.items() if look(column, kind, key, "count")]
    width = 0.8 / len(shares)
    for number, share in enumerate(shares):
        values = [look(columns[name], kind, key, share) for name in names]
        places = [place + number * width for place in range(len(names))]
        drawn = axes.bar(
            places, [max(0.0, value or 0.0) for value in values], width * 0.92, color=COLOURS[number], label=share
        )
        axes.bar_label(drawn, ["∞" if value is None else f"{value:.0f}" for value in values], fontsize=7, padding=1)
    axes.set_xticks(
        [place + width * (len(shares) - 1) / 2 for place in range(len(names))],
        [name.replace(" ", "\n") for name in names],
        fontsize=8,
    )
    axes.set_ylabel("ms")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def budgets(axes: Any) -> None:
    for name, limit in BUDGETS.items():
        axes.axhline(limit, color="#b5533c", linewidth=0.8, linestyle=":")
        axes.text(1.0, limit, name, transform=axes.get_yaxis_transform(), fontsize=7, va="bottom", ha="right")


def stages(axes: Any, profiles: dict[str, Any]) -> None:
    """Stacked medians; a stage that ran ahead of the endpoint has no length."""
    found = {name: look(profile, "single", "waterfall") or {} for name, profile in profiles.items()}
    found = {name: one for name, one in found.items() if one.get("count")}
    left = [0.0] * len(found)
    for stage, colour in STAGES.items():
        lengths = [max(0.0, one[stage]) for one in found.values()]
        axes.barh(list(found), lengths, left=left, color=colour, label=stage, height=0.6)
        left = [begin + length for begin, length in zip(left, lengths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.legend(frameon=False, fontsize=8, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.15))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    columns = {**report["profiles"], **report.get("peers", {})}
    figure, ((first, span), (partial, fall)) = plt.subplots(2, 2, figsize=(14, 10), layout="constrained")
    bars(first, columns, "single", "endToFirstMs", ("p50", "p95"))
    first.set_yscale("symlog", linthresh=2000)
    budgets(first)
    first.set_title("Single clauses: end of speech → first translated sound at the ear")
    bars(span, columns, "long", "earVoiceSpanMs", ("p50", "p95"))
    span.set_title("Long turns: end of a clause → start of its translation at the ear")
    bars(partial, report["profiles"], "long", "firstPartialMs", ("p50", "p95"))
    partial.set_title("Long turns: end of the first word → first partial subtitle")
    stages(fall, report["profiles"])
    fall.set_title("Single clauses: where the time goes, medians")
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
