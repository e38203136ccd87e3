"""The commit of the code that a bench measured, for its report."""

from __future__ import annotations

import subprocess
from pathlib import Path

RESULTS = "bench/results"


def commit(folder: Path = Path()) -> str | None:
    """Return the commit of a checkout, "-dirty" behind it if files changed since; None where there is no checkout.

    Results that were written since change no code, and do not count. Read it before the measurement.
    """
    head = _git(folder, "rev-parse", "--short=10", "HEAD")
    if head is None:
        return None
    changed = _git(folder, "status", "--porcelain", "--", ".", f":(exclude){RESULTS}")
    return f"{head}-dirty" if changed else head


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        run = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip() if run.returncode == 0 else None
