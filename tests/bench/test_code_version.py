"""The commit that a report names: with a mark where files changed since, and none outside a checkout."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bench.report import publishing
from bench.report.code_version import commit
from bench.report.publishing import publish


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "bench" / "results").mkdir(parents=True)
    (tmp_path / "code.py").write_text("1\n")
    (tmp_path / "bench" / "results" / "load.json").write_text("{}\n")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "One"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def test_the_commit_is_marked_where_the_code_has_changed_since(checkout: Path) -> None:
    clean = commit(checkout)
    assert clean is not None and len(clean) == 10
    (checkout / "bench" / "results" / "load.json").write_text("[]\n")
    assert commit(checkout) == clean, "a result changes no code"
    (checkout / "code.py").write_text("2\n")
    assert commit(checkout) == f"{clean}-dirty"


def test_outside_a_checkout_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) is None


def test_a_report_and_its_table_name_the_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    folder = checkout / "bench" / "results"
    monkeypatch.setattr(publishing, "STARTED_ON", commit(checkout))
    assert publish("load", {"passed": True}, "# Load\n", folder) == 0
    measured = commit(checkout)
    assert json.loads((folder / "load.json").read_text()) == {"commit": measured, "passed": True}
    assert (folder / "load.md").read_text() == f"# Load\n\nMeasured on commit {measured}.\n"
    (checkout / "code.py").write_text("2\n")
    publish("load", {"passed": True}, "# Load\n", folder)
    told = f"{measured}, and {measured}-dirty at its end"
    assert json.loads((folder / "load.json").read_text())["commit"] == told
