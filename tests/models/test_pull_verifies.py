"""A model is installed only if its files are those that the hub announced and the lock has."""

import json

import pytest

from models import ModelError, Trouble, lock
from models.catalogue import Model
from models.hub import Hub
from models.pull import Silent, pull
from models.store import ModelStore
from tests.kit.hub_server import HubServer, commit_of


async def refusal(model: Model, store: ModelStore, hub: Hub, **options: object) -> ModelError:
    with pytest.raises(ModelError) as refused:
        await pull(model, store, hub, watch=Silent(), **options)  # type: ignore[arg-type]
    return refused.value


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
async def test_a_corrupted_file_is_fetched_once_more(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, name: str
) -> None:
    server.spoil[name] = 1
    assert await pull(small, store, hub, watch=Silent())
    assert [asked for asked, _ in server.asked].count(name) == 2
    assert store.amiss(small) == []


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
async def test_one_that_stays_corrupted_is_refused(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, name: str
) -> None:
    server.spoil[name] = 9
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.CORRUPTED
    assert name in str(refused)
    assert not store.path(small).exists()
    assert "small" not in store.pins()
    server.spoil.clear()
    assert await pull(small, store, hub, watch=Silent()), "a later pull finds nothing spoilt left over"


async def test_more_than_a_file_should_have_is_not_read_on(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    commit = server.revisions["acme/small"]["main"]
    snapshot = await hub.snapshot("acme/small", "main")
    server.trees["acme/small", commit]["config.json"] = b"x" * 9000
    store.folder.mkdir()
    with pytest.raises(ModelError) as refused:
        await hub.fetch(snapshot, snapshot.files["config.json"], store.folder / "part", lambda count: None)
    assert refused.value.code is Trouble.CORRUPTED


async def test_the_first_pull_pins_commit_and_checksums(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    await pull(small, store, hub, watch=Silent())
    pin = store.pins()["small"]
    assert (pin.repository, pin.revision, pin.licence) == ("acme/small", "main", "MIT")
    assert pin.commit == server.revisions["acme/small"]["main"]
    assert set(pin.files) == set(pin.fetched) == {"config.json", "model.bin"}
    assert pin.files["model.bin"].size == 300_000
    assert json.loads((store.folder / lock.FILE).read_text())["format"] == 1


async def test_a_later_pull_takes_the_pinned_commit_though_the_branch_moved(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    await pull(small, store, hub, watch=Silent())
    pinned = store.pins()["small"]
    server.add("acme/small", {"config.json": b"{}", "model.bin": b"other" * 9000})
    remove(store, small)
    assert await pull(small, store, hub, watch=Silent())
    assert store.pins()["small"] == pinned


async def test_update_takes_what_the_branch_is_at_now(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    await pull(small, store, hub, watch=Silent())
    moved = server.add("acme/small", {"config.json": b"{}", "model.bin": b"other" * 9000})
    assert not await pull(small, store, hub, watch=Silent()), "without being told to, nothing is asked for"
    assert await pull(small, store, hub, update=True, watch=Silent())
    assert store.pins()["small"].commit == moved
    assert (store.path(small) / "model.bin").read_bytes() == b"other" * 9000
    assert store.amiss(small) == []


async def test_other_bytes_under_the_pinned_commit_are_refused(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    """A hub that lies, or a mirror that was tampered with: its own checksums fit its files."""
    await pull(small, store, hub, watch=Silent())
    commit = store.pins()["small"].commit
    server.trees["acme/small", commit]["model.bin"] = b"evil!" * 60_000
    remove(store, small)
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.LOCK_MISMATCH
    assert not store.path(small).exists()


async def test_another_revision_than_the_pinned_one_has_to_be_meant(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    await pull(small, store, hub, watch=Silent())
    other = server.add("acme/small", {"config.json": b"{}", "model.bin": b"other" * 9000}, branch="v2")
    refused = await refusal(small, store, hub, revision="v2")
    assert refused.code is Trouble.LOCK_MISMATCH
    assert "--update" in str(refused)
    assert await pull(small, store, hub, revision="v2", update=True, watch=Silent())
    assert store.pins()["small"].commit == other


async def test_a_file_that_the_lock_does_not_know_is_refused(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    """There is no checksum to hold it to."""
    await pull(small, store, hub, watch=Silent())
    remove(store, small)
    server.trees["acme/small", store.pins()["small"].commit]["vocabulary.txt"] = b"evil\n"
    refused = await refusal(small, store, hub)
    assert refused.code is Trouble.LOCK_MISMATCH
    assert "vocabulary.txt" in str(refused)


@pytest.mark.parametrize("moment", ["before the pin", "after it"])
async def test_a_crash_at_the_last_step_costs_no_second_download(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    with monkeypatch.context() as crash:
        crash.setattr("models.lock.write" if moment == "before the pin" else "os.rename", _die)
        with pytest.raises(ZeroDivisionError):
            await pull(small, store, hub, watch=Silent())
    assert not store.installed(small)
    assert ("small" in store.pins()) == (moment == "after it")
    server.asked.clear()
    assert await pull(small, store, hub, watch=Silent())
    assert server.asked == []
    assert store.amiss(small) == []


async def test_an_update_that_crashes_leaves_the_old_or_nothing(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pull(small, store, hub, watch=Silent())
    server.add("acme/small", {"config.json": b"{}", "model.bin": b"other" * 9000})
    with monkeypatch.context() as crash:
        crash.setattr("models.lock.write", _die)
        with pytest.raises(ZeroDivisionError):
            await pull(small, store, hub, update=True, watch=Silent())
    assert not store.installed(small)
    assert await pull(small, store, hub, watch=Silent())
    assert store.amiss(small) == []


def _die(*what: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("revision", ["v9", commit_of("nowhere")])
async def test_a_revision_that_is_not_there(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, revision: str
) -> None:
    refused = await refusal(small, store, hub, revision=revision)
    assert refused.code is Trouble.WRONG_REVISION
    assert revision in str(refused)
    assert "--revision" in str(refused)


async def test_a_file_of_another_commit_is_refused(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    server.strays = True
    assert (await refusal(small, store, hub)).code is Trouble.WRONG_REVISION


async def test_what_changed_on_the_disk_is_found(hub: Hub, store: ModelStore, small: Model) -> None:
    await pull(small, store, hub, watch=Silent())
    assert store.amiss(small) == []
    weights = store.path(small) / "model.bin"
    data = bytearray(weights.read_bytes())
    data[1000] ^= 1
    weights.write_bytes(data)
    (store.path(small) / "config.json").unlink()
    amiss = store.amiss(small)
    assert [problem.split()[0] for problem in amiss] == ["config.json", "model.bin"]


def remove(store: ModelStore, model: Model) -> None:
    """Delete files, as somebody would who wants the space."""
    for path in store.path(model).iterdir():
        path.unlink()
    store.path(model).rmdir()
