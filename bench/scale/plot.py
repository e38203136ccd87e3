"""The report as a picture. A program for the environment that has matplotlib: `REPORT.json PICTURE.png`."""

from __future__ import annotations

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLOURS = {"CPU": "#1b7f5c", "GPU": "#6a5acd"}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    figure, (cost, heard) = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
    for case in report["cases"]:
        calls = [one["calls"] for one in case["needs"]]
        style, colour = "-" if case["batches"] else ":", COLOURS[case["device"]]
        cents = [one["centsACallHour"] for one in case["needs"]]
        cost.plot(calls, cents, style, marker="o", color=colour, label=case["name"])
        late = [one["firstSoundP95Ms"] for one in case["needs"]]
        heard.plot(calls, late, style, marker="o", color=colour, label=case["name"])
    cost.set_title("US cents for an hour of one call (simulated)")
    cost.set_yscale("log")
    heard.set_title("First translated sound after the end of speech, p95, ms (simulated)")
    heard.set_ylim(bottom=0)
    for axes in (cost, heard):
        axes.set_xscale("log")
        axes.set_xlabel("calls at once")
        axes.legend(frameon=False)
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
