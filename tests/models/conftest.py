"""A hub on loopback with one small model, and an empty store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from models.catalogue import Model, WantedModel
from models.hub import Hub
from models.store import ModelStore
from tests.kit.hub_server import CONFIG, WEIGHTS, HubServer


@pytest.fixture
async def server() -> AsyncIterator[HubServer]:
    """A hub that has the model `small`."""
    hub = HubServer()
    runner = web.AppRunner(hub.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    hub.url = f"http://{host}:{port}"
    hub.add("acme/small", {"config.json": CONFIG, "model.bin": WEIGHTS, "README.md": b"read me\n"})
    yield hub
    await runner.cleanup()


@pytest.fixture
async def hub(server: HubServer) -> AsyncIterator[Hub]:
    """Ours, pointed there, which doesn't rest between attempts."""
    async with Hub(server.url, attempts=3, pause=0.0, quiet=5.0) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def small() -> Model:
    """The model that the hub has."""
    return Model(
        name="small", kind="stt", engine="whisper", family="whisper", repository="acme/small", revision="main",
        files=(WantedModel.of("config.json"), WantedModel.of("model.bin"), WantedModel.of("vocabulary.txt?")),
        download_mb=1, installed_mb=1, licence="MIT", commercial="yes", languages=("en",),
    )  # fmt: skip
