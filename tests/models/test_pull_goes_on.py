"""A download that breaks off goes on where it stopped: in the same run, and in the next."""

import asyncio

import pytest

from models import ModelError, Trouble
from models.catalogue import Model
from models.hub import Hub
from models.pull import Silent, pull
from models.store import ModelStore
from tests.kit.hub_server import HubServer

NEVER = [100_000, 0, 0, 0]
"""One answer brings something, the rest nothing: more than the hub's three attempts."""


async def test_within_a_run_only_the_rest_is_asked_for(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    server.cut["model.bin"] = [120_000, 50_000]
    assert await pull(small, store, hub, watch=Silent())
    assert [span for name, span in server.asked if name == "model.bin"] == ["", "bytes=120000-", "bytes=170000-"]
    assert server.sent["model.bin"] == 300_000
    assert store.amiss(small) == []


async def test_the_next_run_goes_on_with_what_came(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    server.cut["model.bin"] = list(NEVER)
    with pytest.raises(ModelError, match="broke off at 100000 of 300000 bytes") as broken:
        await pull(small, store, hub, watch=Silent())
    assert broken.value.code is Trouble.NO_HUB
    assert not store.installed(small)
    before, server.asked[:] = server.sent["model.bin"], []
    server.cut.clear()
    assert await pull(small, store, hub, watch=Silent())
    assert server.asked == [("model.bin", "bytes=100000-")], "neither the listing nor the small file again"
    assert before + 200_000 == server.sent["model.bin"]
    assert store.amiss(small) == []


async def test_it_goes_on_with_its_commit_where_the_branch_has_moved(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    begun = server.revisions["acme/small"]["main"]
    server.cut["model.bin"] = list(NEVER)
    with pytest.raises(ModelError):
        await pull(small, store, hub, watch=Silent())
    server.add("acme/small", {"config.json": b"{}", "model.bin": b"other" * 9000})
    assert await pull(small, store, hub, watch=Silent())
    assert store.pins()["small"].commit == begun


async def test_a_hub_without_ranges_sends_all_of_it_again(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    server.ranges = False
    server.cut["model.bin"] = [120_000]
    assert await pull(small, store, hub, watch=Silent())
    assert server.sent["model.bin"] == 120_000 + 300_000
    assert store.amiss(small) == []


async def test_more_than_the_file_has_is_thrown_away(
    server: HubServer, hub: Hub, store: ModelStore, small: Model
) -> None:
    server.cut["model.bin"] = list(NEVER)
    with pytest.raises(ModelError):
        await pull(small, store, hub, watch=Silent())
    part = store.staging(small) / "fetched" / "model.bin.part"
    part.write_bytes(bytes(400_000))
    server.cut.clear()
    assert await pull(small, store, hub, watch=Silent())
    assert store.amiss(small) == []


async def test_progress_counts_what_was_there_and_what_comes(
    server: HubServer, hub: Hub, store: ModelStore, small: Model, tmp_path: object
) -> None:
    server.cut["model.bin"] = [120_000]
    server.ranges = False
    snapshot = await hub.snapshot("acme/small", "main")
    counts: list[int] = []
    store.folder.mkdir()
    await hub.fetch(snapshot, snapshot.files["model.bin"], store.folder / "part", counts.append)
    assert sum(counts) == 300_000
    assert -120_000 in counts, "the bytes that were sent in vain are taken back"


async def test_an_overloaded_hub_is_asked_again(server: HubServer, hub: Hub, store: ModelStore, small: Model) -> None:
    server.status = {"api": [(503, ""), (429, "")], "config.json": [(500, "")]}
    assert await pull(small, store, hub, watch=Silent())
    assert store.installed(small)


async def test_a_line_that_falls_silent_is_broken(server: HubServer, store: ModelStore, small: Model) -> None:
    server.hold["model.bin"] = asyncio.Event()
    async with Hub(server.url, attempts=2, pause=0.0, quiet=0.2) as impatient:
        with pytest.raises(ModelError, match="broke off"):
            await pull(small, store, impatient, watch=Silent())
    server.hold["model.bin"].set()
