"""The two recorded calls, held at the same time and once for all the tests that read them.

They need `server_url` of session scope, and a server that runs in another thread or process.
"""

from __future__ import annotations

import asyncio

import pytest

from .recording import ENGLISH, SPANISH, Recording, record


@pytest.fixture(scope="session")
def recordings(server_url: str) -> list[Recording]:
    """`interpreted` and `same_language`."""

    async def both() -> list[Recording]:
        return await asyncio.gather(
            record(server_url, ("en", "es"), (2, 2), (SPANISH, "es")),
            record(server_url, ("en", "en"), (2, 1), (ENGLISH[0], "en-us")),
        )

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(both())


@pytest.fixture(scope="session")
def interpreted(recordings: list[Recording]) -> Recording:
    """Ana in English and Ben in Spanish, two lines each."""
    return recordings[0]


@pytest.fixture(scope="session")
def same_language(recordings: list[Recording]) -> Recording:
    """Both in English; Ana has two lines, Ben has one."""
    return recordings[1]
