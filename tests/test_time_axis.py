"""The numbers of a pause in docs/architecture.md are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FRAME_MS = 20


def chapter(text: str) -> str:
    """Return the chapter about a pause."""
    return text.partition("## 5. ")[2].partition("\n## ")[0]


def numbers(text: str) -> Iterator[tuple[str, str, list[Path]]]:
    """Yield (name, default as the document shows it, files and folders that the heading above its table names)."""
    files: list[Path] = []
    for line in text.splitlines():
        if line.startswith("**"):
            paths = [Path(path) for path in re.findall(r"`([\w./]+(?:\.py|/))`", line)]
            files = [path if len(path.parts) > 1 else paths[0].parent / path for path in paths]
        row = re.match(r"\| (`[^|]+`) \| ([^|]+) \|", line)
        for name in re.findall(r"`(\w+)`", row[1]) if row else ():
            yield name, row[2] if row else "", files


def meant(shown: str) -> set[float]:
    """Return each number of a cell, as it stands and, where it is in seconds, in milliseconds."""
    found = re.findall(r"(-?[\d.]+)( s\b)?", shown)
    return {float(number) for number, _ in found} | {float(number) * 1000 for number, seconds in found if seconds}


def default(name: str, sources: list[str]) -> float:
    """Return the number that the code gives this name; frames are told in milliseconds."""
    pattern = re.compile(rf"^ *{name}(?:: [^=\n]+)? = (-?[\d_.]+|True|False)\b", re.MULTILINE)
    values = [found[1] for source in sources for found in pattern.finditer(source)]
    assert len(values) == 1, f"{name}: {values}"
    if values[0] in ("True", "False"):
        return float(values[0] == "True")
    return float(values[0]) * (FRAME_MS if name.endswith("_FRAMES") else 1)


NUMBERS = list(numbers(chapter((ROOT / "docs/architecture.md").read_text("utf-8"))))


def test_the_chapter_has_its_tables() -> None:
    assert len(NUMBERS) > 50


@pytest.mark.parametrize(("name", "shown", "files"), NUMBERS, ids=[name for name, _, _ in NUMBERS])
def test_a_number_is_that_of_the_code(name: str, shown: str, files: list[Path]) -> None:
    paths = [path for file in files for path in ([ROOT / file] if file.suffix else sorted((ROOT / file).glob("*.py")))]
    value = default(name, [path.read_text("utf-8") for path in paths])
    assert value in meant(shown.replace("true", "1").replace("false", "0"))


def test_a_wrong_number_is_found() -> None:
    read = next(numbers("**A** (`a/b.py`, `c.py`):\n\n| `x_ms` | 2 s | |"))
    assert read == ("x_ms", "2 s", [Path("a/b.py"), Path("a/c.py")])
    assert default("x_ms", ["    x_ms: int = 2_000\n"]) in meant("2 s")
    assert default("x_ms", ["    x_ms: int = 2_500\n"]) not in meant("2 s")
