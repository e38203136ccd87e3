"""The Dockerfile without Docker: pinned bases, sources that exist, and a last stage that can do little."""

import fnmatch
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    """One FROM and what follows it: (instruction, rest) in order."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        return [rest for word, rest in self.steps if word == instruction][-1]


def read() -> list[Stage]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].steps.append((word, rest))
    return stages


STAGES = {stage.name: stage for stage in read()}
SERVER = read()[-1]
RUNNING = [STAGES["turn"], STAGES["node"], STAGES["server"]]
each_image = pytest.mark.parametrize("image", RUNNING, ids=lambda stage: stage.name)


def test_the_default_image_is_the_server() -> None:
    assert SERVER.name == "server"
    assert SERVER.last("CMD") == '["dragoman", "serve"]'


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES.keys())
def test_bases_are_pinned_to_a_release(stage: Stage) -> None:
    assert stage.base == "source" or re.fullmatch(r"[a-z]+:[\w.]*\d[\w.]*-slim-bookworm", stage.base)


@each_image
def test_it_runs_as_an_ordinary_user(image: Stage) -> None:
    assert image.last("USER") == "1000"
    after = image.steps[image.steps.index(("USER", "1000")) :]
    assert not [rest for word, rest in after if word in {"RUN", "COPY"}]


@each_image
def test_it_says_how_it_is(image: Stage) -> None:
    check = image.last("HEALTHCHECK")
    assert {"--interval=30s", "--timeout=10s", "--retries=3"} <= set(check.split())


@each_image
def test_nothing_that_builds_is_in_it(image: Stage) -> None:
    for word, rest in image.steps:
        assert not re.search(r"\b(gcc|g\+\+|make|build-essential|git|curl|wget|\S+-dev|pip install)\b", rest), word
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert "rm -rf /var/lib/apt/lists/*" in rest


def test_no_secret_is_baked_in() -> None:
    assert "SECRET" not in (ROOT / "Dockerfile").read_text()


def test_data_outlives_the_container() -> None:
    assert SERVER.last("VOLUME") == "/var/lib/dragoman"
    assert "DRAGOMAN_DATA=/var/lib/dragoman" in SERVER.last("ENV")


def sources() -> list[str]:
    copied = [
        rest.split()[:-1]
        for stage in STAGES.values()
        for word, rest in stage.steps
        if word == "COPY" and not rest.startswith("--from=")
    ]
    return sorted({path for paths in copied for path in paths})


@pytest.mark.parametrize("path", sources())
def test_what_is_copied_exists_and_is_not_ignored(path: str) -> None:
    assert (ROOT / path).exists()
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert any(fnmatch.fnmatch(path, pattern) for pattern in allowed)


def test_the_image_has_what_settings_alone_switch_on_and_reads_japanese() -> None:
    """Nobody can install a library into a container that runs."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (installed,) = [rest for _, rest in STAGES["build"].steps if "pip install" in rest]
    wanted = demanded()
    assert wanted == {"postgres", "redis", "trace", "denoise"}
    assert set(re.findall(r"\w+", installed.partition("[")[2])) == wanted | {"ja"}
    node = (ROOT / "deploy/node-requirements.txt").read_text().splitlines()
    assert [one for extra in sorted(wanted) for one in extras[extra] if one not in node] == []


def demanded() -> set[str]:
    """Return the extras without which the server refuses to start, by what it says then."""
    sources = [path for folder in ("server", "storage") for path in (ROOT / folder).rglob("*.py")]
    refusals = r"(?:BadSetting|NotOpened|NoExporter)\(\s*\"[^\"]*pip install 'dragoman\[(\w+)\]'"
    return {extra for path in sources for extra in re.findall(refusals, path.read_text())}


def test_every_package_of_the_project_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {pattern.rstrip("*") for pattern in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= set(sources())
