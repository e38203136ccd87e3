"""A third party's engine: a distribution with one function and one line, installed by pip, found and run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engines import EngineError, registry
from pipeline.engines.registry import EngineSpec
from pipeline.lanes.local import LocalLane
from pipeline.speech import Translate, Translation

METADATA = """\
Metadata-Version: 2.4
Name: acme-babel
Version: 1.0
Summary: Babel, by Acme
License-Expression: MIT
"""
ENTRY_POINTS = """\
[dragoman.engines]
mt.babel = acme_babel:babel
mt.broken = acme_babel:there_is_no_such_function
"""
WHEEL = """\
Wheel-Version: 1.0
Generator: by hand
Root-Is-Purelib: true
Tag: py3-none-any
"""
MODULE = '''
from pipeline.speech import Translation


def babel(ending="!"):
    """The whole engine: what it knows, and how it translates."""

    class Babel:
        pairs = {("en", "tlh"), ("tlh", "en")}

        def translate(self, jobs):
            return [Translation(job.text.upper() + ending, job.source, job.target) for job in jobs]

    return Babel()
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return pip's folder: a wheel as any build makes one, without the build, which would want an index."""
    wheel, target = tmp_path_factory.mktemp("acme") / "acme_babel-1.0-py3-none-any.whl", tmp_path_factory.mktemp("site")
    told = {"METADATA": METADATA, "WHEEL": WHEEL, "entry_points.txt": ENTRY_POINTS}
    files = {"acme_babel.py": MODULE, **{f"acme_babel-1.0.dist-info/{name}": text for name, text in told.items()}}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr("acme_babel-1.0.dist-info/RECORD", "".join(f"{name},,\n" for name in files))
    options = ["--no-index", "--no-deps", "--disable-pip-version-check", "--quiet", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True)
    return target


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    registry.entries.cache_clear()
    yield
    registry.entries.cache_clear()


async def test_it_is_found_and_runs_in_a_process_of_its_own(installed: None) -> None:
    entry = registry.entries()["mt", "babel"]
    assert (entry.summary, entry.licence) == ("Babel, by Acme", "MIT")
    assert "acme_babel" not in sys.modules, "its libraries are no burden of the server's"
    async with LocalLane[Translate, Translation](EngineSpec("mt", "babel", {"ending": "?"})) as lane:
        await lane.wait_ready()
        assert lane.pairs == {("en", "tlh"), ("tlh", "en")}
        assert (await lane.do(Translate("hello", "en", "tlh"))).text == "HELLO?"


async def test_one_that_cannot_be_imported_is_named_and_harms_no_other(installed: None) -> None:
    assert ("mt", "starter") in registry.entries()
    async with LocalLane[Translate, Translation](EngineSpec("mt", "broken")) as lane:
        with pytest.raises(EngineError, match=r"mt broken does not start: .*there_is_no_such_function"):
            await lane.wait_ready()


def test_without_it_there_is_no_such_engine() -> None:
    assert ("mt", "babel") not in registry.entries()
