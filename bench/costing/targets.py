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
    engines, not the parts of a model. The quickest runs of both are compared: others on the machine only ever slow."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if row["batch"] != 8 or not row["what"].startswith("engine"):
            continue
        key = [row[name] for name in ("kind", "name", "device", "compute", "threads", "what")]
        singles = [
            one["best"]
            for one in rows
            if one["batch"] == 1
            and [one[name] for name in ("kind", "name", "device", "compute", "threads", "what")] == key
        ]
        wanted = MT_EIGHT if row["kind"] == "mt" else 8 * SUM
        ratio = row["best"] / singles[0] if singles else float("nan")
        title = f"{row['kind']} {row['name']}, {row['what']}, {row['device']} {row['compute']}, {row['threads']} thr."
        found.append({"what": title, "wanted": wanted, "ratio": round(ratio, 2), "met": ratio <= wanted})
    return found
