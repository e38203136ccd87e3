"""The report of a growing load as a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.markdown import table

HEAD = ["calls", "turns", "lost", "first sound p50, ms", "p95", "pacer p99, ms", "machine busy", "load's own", "MB", ""]


def markdown(report: Mapping[str, Any]) -> str:
    """Return the document."""
    machine = report["machine"]
    parts = [
        "# How many translated calls this machine holds",
        f"{machine['cores']} cores ({machine['cpu']}), which server, engines and load share. In each call two people "
        "take turns, a sentence every 6 s, in English and Spanish. A number of calls is held if the first translated "
        "sound (from the end of speech, at the ear) comes within 1.5 times one call's p95, no turn is lost, and 99 % "
        "of the pacer's slots are less than 20 ms late.",
    ]
    for name, one in report["engines"].items():
        rows = [
            [
                step["calls"],
                step["turns"],
                step["lost"],
                step["first_sound_p50_ms"],
                step["first_sound_p95_ms"],
                step["pacer_p99_ms"],
                f"{step['busy']:.0%}",
                f"{step['load_busy']:.0%}",
                step["memory_mb"],
                "held" if step["reached"] else "not held",
            ]
            for step in one["steps"]
        ]
        parts += [f"## {name}: {one['capacity']} calls", table(HEAD, rows)]
    return "\n\n".join(parts) + "\n"
