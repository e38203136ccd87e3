"""A pull that can't succeed is refused with its code and a way out, and leaves nothing that looks like a model."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models import ModelError, Trouble, lock
from models.catalogue import Model, WantedModel
from models.hub import Hub
from models.names import safe
from models.pull import Silent, pull
from models.store import ModelStore
from server.settings import read
from tests.kit.hub_server import HubServer

Usage = namedtuple("Usage", "total used free")


async def refusal(model: Model, store: ModelStore, hub: Hub) -> ModelError:
    with pytest.raises(ModelError) as refused:
        await pull(model, store, hub, watch=Silent())
    assert not store.path(model).exists()
    return refused.value


async def test_no_hub(store: ModelStore, small: Model) -> None:
    async with Hub("http://127.0.0.1:9", pause=0.0) as nobody:  # discard: nothing listens there
        refused = await refusal(small, store, nobody)
    assert refused.code is Trouble.NO_HUB
    for way_out in ("127.0.0.1:9", "DRAGOMAN_HUB", "--from FOLDER"):
        assert way_out in str(refused)


def test_the_hub_is_our_setting_then_that_of_others_then_the_usual() -> None:
    assert read({"DRAGOMAN_HUB": "http://ours/", "HF_ENDPOINT": "http://theirs"}).hub == "http://ours"
    assert read({"HF_ENDPOINT": "http://theirs/"}).hub == "http://theirs"
    assert read({}).hub == "https://huggingface.co"


async def test_an_unknown_repository(hub: Hub, store: ModelStore, small: Model) -> None:
    refused = await refusal(replace(small, repository="acme/large"), store, hub)
    assert refused.code is Trouble.NOT_ON_HUB
    assert "acme/large" in str(refused)


async def test_a_file_that_the_repository_lacks(hub: Hub, store: ModelStore, small: Model) -> None:
    lacking = replace(small, files=(*small.files, WantedModel.of("tokenizer.json|vocab.json")))
    refused = await refusal(lacking, store, hub)
    assert refused.code is Trouble.NOT_ON_HUB
    assert "tokenizer.json or vocab.json" in str(refused)


async def test_a_repository_whose_terms_have_to_be_accepted(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    server.status["api"] = [(403, "GatedRepo")]
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.GATED
    assert "HF_TOKEN" in str(refused)


async def test_a_token_is_not_sent_in_the_clear(server: HubServer) -> None:
    async with Hub(server.url, token="canary") as hub:
        await hub.snapshot("acme/small", "main")
    assert server.tokens == set()
    async with Hub("https://hub.example.org", token="canary") as hub:
        assert hub._client.headers["Authorization"] == "Bearer canary"


async def test_something_that_is_no_hub(server: HubServer, hub: Hub, store: ModelStore, small: Model) -> None:
    server.nonsense = True
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.HUB_ERROR
    assert server.url in str(refused)


async def test_the_disk_is_looked_at_before_anything_is_fetched(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - 60_000_000, 60_000_000))
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.NO_SPACE
    assert "60 MB free" in str(refused)
    assert server.asked == [("api", "")]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of 200 kB; None where we may not make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
        == 0
    )
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


async def test_a_disk_that_fills_up_on_the_way(
    server: HubServer,
    hub: Hub,
    store: ModelStore,
    small: Model,
    tiny_disk: Path | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else writes to it meanwhile. Where we may not mount, the error that the kernel would give is given."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, 10**9))
    if tiny_disk is not None:
        store = ModelStore(tiny_disk / "models")
    else:
        real = Path.open

        def full(path: Path, mode: str = "r", *args: object, **options: object) -> object:
            if path.name == "model.bin.part":
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(path, mode, *args, **options)  # type: ignore[call-overload]

        monkeypatch.setattr(Path, "open", full)
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.NO_SPACE
    assert "goes on" in str(refused)
    if tiny_disk is not None:
        kept = (store.staging(small) / "fetched" / "model.bin.part").stat().st_size
        assert 0 < kept < 300_000
        subprocess.run(["mount", "-o", "remount,size=2m", str(tiny_disk)], check=True)
        server.asked.clear()
        assert await pull(small, store, hub, watch=Silent())
        assert server.asked == [("model.bin", f"bytes={kept}-")]
        assert store.amiss(small) == []


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/passwd", "a//b", "..", ".", "", ".ssh/x", "a\\b", "a\0b", "a\nb", "x" * 500],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ModelError) as refused:
        safe(name)
    assert refused.value.code is Trouble.UNSAFE_NAME


async def test_a_hub_cannot_name_files_outside_the_model(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, tmp_path: Path
) -> None:
    """Only files that the catalogue names are fetched, whatever else a hub lists."""
    tree = server.trees["acme/small", server.revisions["acme/small"]["main"]]
    tree |= {"../../evil": b"evil", "/tmp/evil": b"evil", "sub/../../../evil": b"evil"}
    assert await pull(small, store, hub, watch=Silent())
    assert sorted(path.name for path in store.path(small).iterdir()) == ["config.json", "model.bin"]
    assert not list(tmp_path.rglob("*evil*"))


def test_a_lock_cannot_either(store: ModelStore) -> None:
    store.folder.mkdir()
    entry = {
        "repository": "acme/small", "revision": "main", "commit": "", "licence": "MIT", "fetched": {},
        "files": {"../../../etc/passwd": {"size": 1, "sha256": "0"}},
    }  # fmt: skip
    (store.folder / lock.FILE).write_text(json.dumps({"format": 1, "models": {"small": entry}}))
    with pytest.raises(ModelError) as refused:
        store.pins()
    assert refused.value.code is Trouble.UNSAFE_NAME


SIZED = """{"format": 1, "models": {"small": {"repository": "acme/small", "revision": "main", "commit": "",
"licence": "MIT", "fetched": {"a": {"size": %s, "sha256": "0"}}, "files": {}}}}"""


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", '{"format": 2, "models": {}}', '{"format": 1, "models": {"../x": {}}}',
        *(SIZED % size for size in ("1e999", "NaN", "1.5", "-1", '"7"')),
    ],
)  # fmt: skip
def test_a_lock_that_is_none(store: ModelStore, text: str) -> None:
    store.folder.mkdir()
    (store.folder / lock.FILE).write_text(text)
    with pytest.raises(ModelError) as refused:
        store.pins()
    assert refused.value.code is Trouble.BAD_LOCK
    assert str(store.folder) in str(refused.value)


@pytest.mark.parametrize("size", [math.inf, math.nan, 1.5, -1])
async def test_a_hub_that_tells_no_size_of_a_file(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, size: float
) -> None:
    server.size = size
    with pytest.raises(ModelError) as refused:
        await pull(small, store, hub, watch=Silent())
    assert refused.value.code is Trouble.HUB_ERROR


async def test_what_has_to_be_converted_is_not_even_fetched_without_the_means(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.convert._LIBRARIES", ("there_is_no_such_library",))
    refused = await refusal(replace(small, convert="transformers"), store, hub)
    assert refused.code is Trouble.NEEDS_EXTRA
    assert "dragoman[convert]" in str(refused)
    assert server.asked == []
