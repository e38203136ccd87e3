"""The report as a picture. A program for the environment that has matplotlib: `REPORT.json PICTURE.png`."""

from __future__ import annotations

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLOURS = {"starter": "#1b7f5c", "scripted": "#6a5acd"}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    figure, (late, busy) = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
    for name, one in report["engines"].items():
        calls = [step["calls"] for step in one["steps"]]
        for key, style in (("first_sound_p50_ms", ":"), ("first_sound_p95_ms", "-")):
            values = [step[key] for step in one["steps"]]
            late.plot(calls, values, style, marker="o", color=COLOURS[name], label=f"{name}, {key[12:15]}")
        busy.plot(calls, [100 * step["busy"] for step in one["steps"]], marker="o", color=COLOURS[name], label=name)
        late.axvline(one["capacity"], color=COLOURS[name], linewidth=0.8, linestyle="--")
    late.set_title("First translated sound after the end of speech, ms")
    busy.set_title("Machine busy, %")
    for axes in (late, busy):
        axes.set_xlabel("calls")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False)
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
