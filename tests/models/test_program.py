"""Programs that models need: what they complain of is returned, and none outlives its caller."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from models.program import complaint_of, last_line

MODELS = Path(__file__).parents[2] / "models"


async def test_a_program_that_succeeds_has_nothing_to_complain_of() -> None:
    assert await complaint_of(("-c", "import sys; print('out'); print('warning', file=sys.stderr)")) is None


async def test_what_it_says_when_it_fails_is_returned() -> None:
    complaint = await complaint_of(("-c", "import sys; sys.exit('first\\nlast')"), environment={})
    assert complaint is not None and last_line(complaint, "nothing") == "last"
    silent = await complaint_of(("-c", "raise SystemExit(3)"))
    assert silent is not None and last_line(silent, "nothing") == "nothing"


async def test_cancelled_it_leaves_no_process(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid()) + '\\n'); time.sleep(60)"
    running = asyncio.ensure_future(complaint_of(("-c", code)))
    while not (pid.exists() and pid.read_text().endswith("\n")):
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not Path(f"/proc/{pid.read_text().strip()}").exists()


def test_no_other_place_of_the_models_starts_a_program() -> None:
    starts = {
        path.name
        for path in MODELS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("create_subprocess_exec", "Popen", "run")
    }
    assert starts == {"program.py"}
