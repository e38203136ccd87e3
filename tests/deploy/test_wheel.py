"""The wheel holds all that the program reads while it runs; a server out of it serves the page with every module."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.kit.extent import LONG
from tests.kit.page_modules import imports
from tests.kit.server_process import Server

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = (
    "clients/fixtures/",
    "clients/flutter/",
    "clients/javascript/",
    "starter/MODEL_CARD.md",
    "starter/README.md",
    "starter/recipe/",
    "starter/results.json",
)
"""Files of the packaged folders that nothing reads while it runs."""

built = pytest.mark.skipif(not LONG, reason="the short form compares the files with what the package names as data")


@cache
def tracked() -> frozenset[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(name for name in listed.splitlines() if (ROOT / name).is_file())


@cache
def packaging() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    return found


def shipped() -> frozenset[str]:
    """Return the files that have to be in the wheel."""
    folders = {one.rstrip("*") for one in packaging()["packages"]["find"]["include"]}
    return frozenset(
        name for name in tracked() if name.partition("/")[0] in folders and not name.startswith(NOT_SHIPPED)
    )


def test_each_file_that_is_no_python_is_named_as_data() -> None:
    named = {
        (package, pattern): {one.relative_to(ROOT).as_posix() for one in (ROOT / package).glob(pattern)} & tracked()
        for package, patterns in packaging()["package-data"].items()
        for pattern in patterns
    }
    assert [one for one, files in named.items() if not files] == [], "patterns that match nothing"
    data = {name for name in shipped() if not name.endswith(".py")}
    assert data - set().union(*named.values()) == set()
    assert {"web/words/accounts/de.js", "starter/stt/model.bin", "models/data/sets.toml"} <= data


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which the wheel is unpacked. It is made of a copy, so that no build stays in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / "source" / name)
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *quiet, "--no-deps", "--wheel-dir", folder, folder / "source"]
    subprocess.run(command, check=True, cwd="/")
    shutil.rmtree(folder / "source")
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


@built
def test_the_wheel_holds_what_is_shipped_and_nothing_else(wheel: Path) -> None:
    held = {one.relative_to(wheel).as_posix() for one in wheel.rglob("*") if one.is_file()}
    assert {name for name in held if ".dist-info/" not in name} == shipped()
    changed = [name for name in shipped() if (wheel / name).read_bytes() != (ROOT / name).read_bytes()]
    assert changed == []


def command_of(wheel: Path, folder: Path, *arguments: str) -> str:
    """Return the output of a program that finds the wheel, and not this tree."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(wheel), "PATH": "/usr/bin:/bin", "DRAGOMAN_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@built
def test_its_program_finds_itself_and_reads_the_catalogue(wheel: Path, tmp_path: Path) -> None:
    where = "import server, web, models, starter; print(server.__file__, web.__file__, models.__file__, starter.STT)"
    assert all(one.startswith(str(wheel)) for one in command_of(wheel, tmp_path, "-c", where).split())
    assert "whisper-small" in command_of(wheel, tmp_path, "-m", "server.cli.main", "models", "list")


@contextmanager
def served(wheel: Path, folder: Path) -> Iterator[str]:
    """Run a server out of the wheel, in a folder that holds nothing of this tree. Yield its address."""
    folder.mkdir()
    with Server(folder, prefix=("env", "-C", str(folder)), accounts=True, PYTHONPATH=str(wheel)) as server:
        yield server.url


def fetched(url: str) -> tuple[str, bytes]:
    """Return the media type and the body."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.headers.get_content_type(), answer.read()


def named_by(path: str, text: str) -> list[str]:
    """Return the paths that a file of the page loads, `${…}` as it stands."""
    match path.rpartition(".")[2]:
        case "js":
            return [*imports(path, text), *re.findall(r'\.href = "(styles/[^"]+)"', text)]
        case "html":
            return [one.partition("#")[0] for one in re.findall(r'\b(?:href|src)="([^":#]+)', text)]
        case "css":
            found = re.findall(r'url\("?([^")]+)"?\)|@import "([^"]+)"', text)
            return [posixpath.normpath(posixpath.join(posixpath.dirname(path), a or b)) for a, b in found]
        case "webmanifest":
            return [icon["src"] for icon in json.loads(text)["icons"]]
    return []


def loaded(url: str) -> set[str]:
    """Return the paths of all that both pages load, directly or by way of others. Each has to be there."""
    files = [name.removeprefix("web/") for name in shipped() if name.startswith("web/")]
    seen: set[str] = set()
    waiting = ["index.html", "captions.html"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        kind, body = fetched(f"{url}/{path}")
        assert body == (ROOT / "web" / path).read_bytes(), path
        assert not path.endswith(".js") or kind == "text/javascript"
        for name in named_by(path, body.decode() if not path.endswith(".png") else ""):
            pattern = re.compile(re.sub(r"\\\$\\\{.*?\\\}", "[^/]+", re.escape(name)))
            found = [one for one in files if pattern.fullmatch(one)]
            assert found, f"{path} loads {name}"
            waiting += found
    return seen


@built
def test_a_server_out_of_the_wheel_serves_the_page_and_every_module_that_it_imports(
    wheel: Path, tmp_path: Path
) -> None:
    with served(wheel, tmp_path / "server") as url:
        web = {name.removeprefix("web/") for name in shipped() if not name.endswith(".py") and name.startswith("web/")}
        assert loaded(url) == web - {"service-worker.js"}, "that one is registered by its name"
        assert fetched(f"{url}/service-worker.js")[0] == "text/javascript"
        assert fetched(url)[1] == (ROOT / "web/index.html").read_bytes()
        assert json.loads(fetched(f"{url}/ready")[1])["ready"], "the bundled models are in there"
        languages = {one["tag"] for one in json.loads(fetched(f"{url}/api/v1/languages")[1])["languages"]}
        assert {"en", "es"} <= languages
        assert json.loads(fetched(f"{url}/openapi.json")[1])["openapi"].startswith("3.")
