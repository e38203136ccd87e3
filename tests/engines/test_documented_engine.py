"""The function and the line of docs/engines.md, taken from the page itself, are an engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = '''
"""Somebody else's library: it turns texts round, word by word."""


class Model:
    def run(self, asked):
        return [" ".join(reversed(text.encode("utf-8", "replace").decode().split())) for text, _, _ in asked]


def load(path, threads):
    return Model()
'''


def blocks(language: str) -> list[str]:
    page = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a process in which the page's package is installed."""
    engine, _ = blocks("python")
    line = re.search(r'^mine = "(.*)"$', "".join(blocks("toml")), re.MULTILINE)
    assert line is not None and engine.startswith("# mine/engine.py")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").touch()
    (tmp_path / "mine" / "engine.py").write_text(engine, encoding="utf-8")
    (tmp_path / "mylibrary.py").write_text(LIBRARY, encoding="utf-8")
    about = tmp_path / "mine-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[dragoman.engines]\nmine = {line[1]}\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def run(arguments: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )


def test_it_keeps_the_contract_by_the_pages_own_command(installed: dict[str, str], tmp_path: Path) -> None:
    command = ["-m", "pipeline.engine_contract", "mt", "mine", '{"path": "/models/mine"}']
    told = 'python -m pipeline.engine_contract mt mine \'{"path": "/models/mine"}\''
    assert told in (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    done = run(command, installed, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok      it serves in a process of its own" in done.stdout


def test_the_pages_suite_is_collected_by_pytest(installed: dict[str, str], tmp_path: Path) -> None:
    _, suite = blocks("python")
    (tmp_path / "test_mine.py").write_text(suite, encoding="utf-8")
    command = ["-m", "pytest", "-p", "no:cacheprovider", "-q", "test_mine.py"]
    done = run(command, installed, tmp_path)
    told = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"1 failed, \d\d passed.*", told), done.stdout + done.stderr
    assert "'Good morning.' became 'morning. Good', not 'Buenos días.'" in done.stdout


def test_the_suite_needs_no_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None; import pipeline.engine_contract; assert 'numpy' in sys.modules"
    heavy = "assert not {'ctranslate2', 'faster_whisper', 'sentencepiece'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"{code}; {heavy}"], cwd=ROOT, timeout=60, check=True)
