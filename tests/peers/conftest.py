"""The recorded call, held once for all the tests that look at it."""

from __future__ import annotations

import asyncio

import pytest

from .recording import Recording, record


@pytest.fixture(scope="session")
def recorded(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A call of two peers on libwebrtc."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(record(server_url, tmp_path_factory.mktemp("libwebrtc")))
