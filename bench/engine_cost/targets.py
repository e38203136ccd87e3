"""Targets of batches: the gain over single jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MT_EIGHT = 2.5
"""Eight translations at once cost no more than 2.5 single ones."""
SUM = 1.15
"""Elsewhere a batch costs no more than its jobs one by one; this much of it is noise of the clock."""


def batches(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Compare a batch of eight with one job, for each engine and model.

    Only whole engines are compared, as the server runs them, not the parts of a model. The measure is processor time,
    on a GPU the quickest run.
    """
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
    """Return the cost of a row in ms: processor time, or the quickest run on a GPU."""
    return float(row["cpuMs"] if row["device"] == "cpu" else row["best"])
