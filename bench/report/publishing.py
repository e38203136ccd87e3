"""Files that a bench leaves behind: report as JSON, table and plot in a folder; and its last line of output."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Container
from pathlib import Path
from typing import Any

from bench.environments import python_of
from bench.report import code_version

RESULTS = Path(code_version.RESULTS)
STARTED_ON = code_version.commit()
"""The commit when the bench was started, and so imported this."""


def with_commit(table: str, commit: str | None) -> str:
    """Return a document with the commit that was measured in its last line."""
    return f"{table.rstrip()}\n\nMeasured on commit {commit or 'unknown'}.\n"


def publish(
    name: str,
    report: dict[str, Any],
    table: str,
    folder: Path = RESULTS,
    *,
    plot: Path | None = None,
    unprinted: Container[str] = (),
) -> int:
    """Write `name`.json, .md and, by the script `plot`, .png into `folder`; return the exit status, 0 if it passed.

    Both name the commit that was measured. The last line leaves out the parts of the report that are `unprinted`.
    """
    measured, now = STARTED_ON, code_version.commit()
    if now != measured:
        measured = f"{measured or 'unknown'}, and {now or 'unknown'} at its end"
    report = {"commit": measured} | report
    table = with_commit(table, measured)
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / f"{name}.json"
    figures.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(table, encoding="utf-8")
    if plot is not None:
        command = [str(python_of("tools")), str(plot), str(figures), str(folder / f"{name}.png")]
        subprocess.run(command, check=True, timeout=120)
    print(table)
    short = {key: value for key, value in report.items() if key not in unprinted}
    print(json.dumps(short, ensure_ascii=False))
    return 0 if report["passed"] else 1
