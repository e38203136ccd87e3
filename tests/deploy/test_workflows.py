"""GitHub's workflows without GitHub: they are what it understands, hold no known weakness, and call what is here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_are_found() -> None:
    assert [path.name for path in WORKFLOWS] == ["release.yml", "tests.yml"]


@pytest.mark.parametrize(
    ("schema", "paths"), [("github-workflows", WORKFLOWS), ("dependabot", [ROOT / ".github" / "dependabot.yml"])]
)
def test_github_understands_them(schema: str, paths: list[Path]) -> None:
    run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *paths)


def test_no_weakness_is_found_in_them() -> None:
    run(Path(sys.executable).with_name("zizmor"), "--offline", "--strict-collection", ROOT / ".github")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_they_run_is_here(workflow: Path) -> None:
    text = workflow.read_text()
    for script in re.findall(r"scripts/[\w-]+", text):
        assert (ROOT / script).stat().st_mode & 0o111
    for target in re.findall(r"run: make ([\w-]+)", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for stage in re.findall(r"--target (\w+)", text):
        assert f" AS {stage}\n" in (ROOT / "Dockerfile").read_text()
