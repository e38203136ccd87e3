"""The two recorded calls, each held once for all the tests that read it.

They need `server_url` of session scope, and a server that runs in another thread or process.
"""

from __future__ import annotations

import asyncio

import pytest

from .recording import ENGLISH, SPANISH, Recording, record


@pytest.fixture(scope="session")
def interpreted(server_url: str) -> Recording:
    """Ana in English and Ben in Spanish, two lines each."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(record(server_url, ("en", "es"), (2, 2), (SPANISH, "es")))


@pytest.fixture(scope="session")
def same_language(server_url: str) -> Recording:
    """Both in English; Ana has two lines, Ben has one."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(record(server_url, ("en", "en"), (2, 1), (ENGLISH[0], "en-us")))
