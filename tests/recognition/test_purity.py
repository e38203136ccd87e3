"""Recognition decides without an event loop: only `loop.py` knows asyncio, and only there is anything awaited."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pipeline.recognition

FOLDER = Path(pipeline.recognition.__file__).parent
PURE = sorted(path.name for path in FOLDER.glob("*.py") if path.name not in ("__init__.py", "loop.py"))
FORBIDDEN = {"asyncio", "time", "pipeline.lanes", "pipeline.context", "threading"}


def impurities(text: str) -> set[str]:
    """Return the imports and the constructs that a pure module does without."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await):
            found.add("asyncio")
    return {one for one in FORBIDDEN for name in found if name == one or name.startswith(f"{one}.")}


@pytest.mark.parametrize("name", PURE)
def test_a_module_that_decides_is_pure(name: str) -> None:
    assert not impurities((FOLDER / name).read_text())


def test_the_loop_is_not_and_that_is_seen() -> None:
    assert impurities((FOLDER / "loop.py").read_text()) == {"asyncio", "pipeline.lanes"}
