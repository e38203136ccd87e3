"""What batches must gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MT_EIGHT = 2.5
"""Eight translations at once cost no more than so many single ones."""
SUM = 1.15
"""Elsewhere a batch costs no more than its jobs one by one; this much of it is noise of the clock."""


def batches(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each engine and model, what a batch of eight costs beside one job: what the server would run, so whole
    engines, not the parts of a model. What is
    compared is the work, the time of processors; on a GPU the quickest run."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if row["batch"] != 8 or not row["what"].startswith("engine"):
            continue
        key = [row[name] for name in ("kind", "name", "device", "compute", "threads", "what")]
        singles = [
            work(one)
            for one in rows
            if one["batch"] == 1
            and [one[name] for name in ("kind", "name", "device", "compute", "threads", "what")] == key
        ]
        wanted = MT_EIGHT if row["kind"] == "mt" else 8 * SUM
        ratio = work(row) / singles[0] if singles else float("nan")
        title = f"{row['kind']} {row['name']}, {row['what']}, {row['device']} {row['compute']}, {row['threads']} thr."
        found.append({"what": title, "wanted": wanted, "ratio": round(ratio, 2), "met": ratio <= wanted})
    return found


def work(row: Mapping[str, Any]) -> float:
    """What it costs, ms: the time of processors, or of the GPU."""
    return float(row["cpuMs"] if row["device"] == "cpu" else row["best"])
