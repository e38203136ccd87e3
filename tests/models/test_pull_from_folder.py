"""Without a hub: models from a folder, as another machine left them or as somebody downloaded them by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models import ModelError, Trouble
from models.catalogue import Model
from models.folder import Folder
from models.hub import Hub
from models.pull import Silent, adopt, pull
from models.store import ModelStore
from tests.kit.hub_server import CONFIG, WEIGHTS, HubServer, commit_of

COMMIT = commit_of("cached")


def lay(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(CONFIG)
    (folder / "model.bin").write_bytes(WEIGHTS)
    (folder / ".gitattributes").write_text("*.bin filter=lfs\n")


@pytest.mark.parametrize(
    ("layout", "commit"),
    [("acme/small", ""), ("small", ""), (".", ""), (f"models--acme--small/snapshots/{COMMIT}", COMMIT)],
)
async def test_a_repository_in_any_usual_layout(
    store: ModelStore, small: Model, tmp_path: Path, layout: str, commit: str
) -> None:
    lay(tmp_path / "given" / layout)
    assert await pull(small, store, Folder(tmp_path / "given"), watch=Silent())
    assert store.amiss(small) == []
    assert store.pins()["small"].commit == commit


async def test_the_cache_of_several_revisions_asks_which(store: ModelStore, small: Model, tmp_path: Path) -> None:
    for commit in (COMMIT, commit_of("another")):
        lay(tmp_path / f"models--acme--small/snapshots/{commit}")
    with pytest.raises(ModelError, match="--revision") as refused:
        await pull(small, store, Folder(tmp_path), watch=Silent())
    assert refused.value.code is Trouble.BAD_FOLDER
    assert await pull(small, store, Folder(tmp_path), revision=COMMIT, watch=Silent())
    assert store.pins()["small"].commit == COMMIT


async def test_a_folder_is_held_to_the_lock_and_keeps_its_commit(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, tmp_path: Path
) -> None:
    await pull(small, store, hub, watch=Silent())
    pinned = store.pins()["small"]
    shutil.rmtree(store.path(small))
    lay(tmp_path / "good" / "small")
    lay(tmp_path / "bad" / "small")
    (tmp_path / "bad" / "small" / "model.bin").write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelError) as refused:
        await pull(small, store, Folder(tmp_path / "bad"), watch=Silent())
    assert refused.value.code is Trouble.LOCK_MISMATCH
    assert await pull(small, store, Folder(tmp_path / "good"), watch=Silent())
    assert store.pins()["small"] == pinned


async def test_an_empty_folder(store: ModelStore, small: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="acme/small") as refused:
        await pull(small, store, Folder(tmp_path / "nothing"), watch=Silent())
    assert refused.value.code is Trouble.BAD_FOLDER


async def test_a_models_folder_of_another_machine(hub: Hub, store: ModelStore, small: Model, tmp_path: Path) -> None:
    other = ModelStore(tmp_path / "other" / "models")
    await pull(small, other, hub, watch=Silent())
    assert ModelStore.at(tmp_path / "other") == ModelStore.at(tmp_path / "other" / "models") == other
    assert await adopt(small, store, other, watch=Silent())
    assert store.pins() == other.pins()
    assert store.amiss(small) == []
    assert not await adopt(small, store, other, watch=Silent())


def _spoil(other: ModelStore, small: Model) -> None:
    (other.path(small) / "model.bin").write_bytes(WEIGHTS[::-1])


def _remove(other: ModelStore, small: Model) -> None:
    (other.path(small) / "model.bin").unlink()


@pytest.mark.parametrize(("harm", "code"), [(_spoil, Trouble.CORRUPTED), (_remove, Trouble.BAD_FOLDER)])
async def test_one_that_was_harmed_on_the_way_is_refused(
    hub: Hub, store: ModelStore, small: Model, tmp_path: Path, harm: Callable[[ModelStore, Model], None], code: Trouble
) -> None:
    other = ModelStore(tmp_path / "other")
    await pull(small, other, hub, watch=Silent())
    harm(other, small)
    with pytest.raises(ModelError) as refused:
        await adopt(small, store, other, watch=Silent())
    assert refused.value.code is code
    assert not store.path(small).exists()


async def test_one_that_is_pinned_to_something_else_has_to_be_meant(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, tmp_path: Path
) -> None:
    other = ModelStore(tmp_path / "other")
    await pull(small, store, hub, watch=Silent())
    server.add("acme/small", {"config.json": b"{}", "model.bin": b"other" * 9000})
    await pull(small, other, hub, watch=Silent())
    shutil.rmtree(store.path(small))
    with pytest.raises(ModelError) as refused:
        await adopt(small, store, other, watch=Silent())
    assert refused.value.code is Trouble.LOCK_MISMATCH
    assert await adopt(small, store, other, update=True, watch=Silent())
    assert store.pins() == other.pins()
