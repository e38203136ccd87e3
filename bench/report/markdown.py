"""Tables in Markdown, as wide as they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown, in which None is a dash.

    Raises ValueError for a row that is longer or shorter than the head.
    """
    cells = [["–" if cell is None else str(cell).replace("|", "\\|") for cell in row] for row in (head, *rows)]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


def verdicts(targets: Iterable[Mapping[str, Any]]) -> str:
    """Return a table of targets by their keys `name`, `wanted`, `got` and `passed`."""
    rows = ([one["name"], one["wanted"], one["got"], "yes" if one["passed"] else "NO"] for one in targets)
    return table(["", "wanted", "found", ""], rows)
