"""The report as a picture. A program for the environment that has matplotlib: `REPORT.json PICTURE.png`."""

from __future__ import annotations

import json
import sys
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLOURS = {"dragoman": "#1b7f5c", "aiortc": "#7a7a7a", "fastrtc": "#c98a1b", "pipecat": "#6a5acd"}
WIRES = ("clean", "loss 2 %", "jitter 30 ms")


def colour(name: str) -> str:
    return COLOURS.get(name, "#b0b0b0")


def value(figures: dict[str, Any], *path: str) -> float:
    """The median of a figure; 0 where there is none."""
    found: Any = figures
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return float(found[0]) if isinstance(found, list) else float(found or 0)


def grouped(axes: Any, groups: list[str], series: dict[str, list[float]], unit: str) -> None:
    """Bars side by side, one colour for each server, their values on top."""
    width = 0.8 / max(1, len(series))
    for number, (name, values) in enumerate(series.items()):
        places = [group + number * width for group in range(len(groups))]
        bars = axes.bar(places, values, width * 0.92, color=colour(name), label=name)
        axes.bar_label(bars, [f"{one:.3g}" if one else "" for one in values], fontsize=7, padding=1)
    axes.set_xticks([group + width * (len(series) - 1) / 2 for group in range(len(groups))], groups)
    axes.set_ylabel(unit)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    echo, call = report["echo"], report["call"]
    figure, ((cpu, delay), (lost, capacity)) = plt.subplots(2, 2, figsize=(12, 8), layout="constrained")
    names = list(echo)
    series = {name: [value(echo[name], "cpu_per_peer"), value(call.get(name, {}), "cpu_per_peer")] for name in names}
    grouped(cpu, ["echo", "call"], series, "% of a core for each peer")
    cpu.set_title("CPU")
    cpu.legend(frameon=False)
    grouped(
        delay, list(WIRES), {name: [value(echo[name], wire, "delay_p95_ms") for wire in WIRES] for name in names}, "ms"
    )
    delay.set_yscale("log")
    delay.set_title("Delay through the echo, p95")
    shown = ("filled", "recovered", "returned")
    shares = {name: [100 * value(echo[name], "loss 2 %", share) for share in shown] for name in names}
    grouped(lost, ["slots filled", "recovered by FEC", "delay back in 1 s"], shares, "%")
    lost.set_title("At 2 % loss")
    found = report.get("capacity") or {}
    kinds = [kind for kind in ("echo", "call") if kind in found]
    peers = {name: [value(found[kind].get(name, {}), "capacity") for kind in kinds] for name in names}
    grouped(capacity, kinds, peers, "peers")
    capacity.set_title("Capacity of one core, lateness p99 < 20 ms")
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
