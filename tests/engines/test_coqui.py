"""Coqui: whose weights and whose voices may be used, and, where its environment is, the real library on a small VITS.

That environment takes over a gigabyte, so `make test` does not make it: `scripts/setup-coqui` does. Without it the
tests of the real library are skipped, and say so.
"""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.engines import EngineError
from pipeline.engines.voices.coqui import Coqui
from pipeline.engines.voices.mastering import LEVEL_LUFS, loudness
from pipeline.engines.voices.python_environment import interpreter
from pipeline.speech import Speech, Synthesize, Voice

CONSENT = "Ana Ruiz agreed in writing on 3 May 2026 that this server speaks with her voice."


def model(folder: Path, architecture: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model": architecture}))
    return folder


@pytest.fixture(scope="module")
def python() -> str:
    try:
        return interpreter("coqui", "coqui-tts")
    except EngineError as error:
        pytest.skip(f"REAL COQUI NOT TESTED: {error}")


@pytest.fixture(scope="module")
def folder(python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coqui")
    script = str(Path(__file__).parents[1] / "kit" / "random_coqui_voice.py")
    done = subprocess.run([python, script, str(folder / "random")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def coqui(folder: Path) -> Iterator[Coqui]:
    engine = Coqui(str(folder))
    yield engine
    engine.close()


def speak(coqui: Coqui, text: str, rate: float = 1.0) -> Speech:
    (speech,) = coqui.synthesize([Synthesize(text, "es", rate=rate)])
    return speech


def test_a_real_vits_tells_its_voice_and_licence(coqui: Coqui) -> None:
    assert coqui.voices == (Voice("random", "es-MX", "Random", "CC0"),)
    assert coqui.languages == {"es"}


def test_a_real_vits_speaks_as_long_as_the_text_is_and_as_loud_as_all_else(coqui: Coqui) -> None:
    short, long = (speak(coqui, text) for text in ("¿Dónde está?", "¿Dónde está la estación de tren, por favor?"))
    assert 2.5 < long.duration_ms / short.duration_ms < 5
    # Each of the 43 characters and the blanks between them lasts six or seven frames of 11.6 ms.
    assert 43 * 6 * 11.6 < long.duration_ms < 88 * 8 * 11.6
    samples = np.frombuffer(long.pcm, np.int16).astype(np.float32) / 32767
    assert loudness(samples) == pytest.approx(LEVEL_LUFS, abs=0.2)


def test_a_real_vits_speaks_at_the_rate_it_is_asked_for(coqui: Coqui) -> None:
    text = "¿Dónde está la estación de tren?"
    usual, fast, slow = (speak(coqui, text, rate).duration_ms for rate in (1.0, 1.25, 0.8))
    assert 0.7 * usual < fast < 0.95 * usual
    assert 1.05 * usual < slow < 1.4 * usual
    assert speak(coqui, text).duration_ms == pytest.approx(usual, rel=0.02), "the next line is as usual"


@pytest.mark.parametrize("text", ["日本語", "a\ud800b", "…", "!?", "word " * 60])
def test_a_real_vits_lives_through_odd_text(coqui: Coqui, text: str) -> None:
    with contextlib.suppress(EngineError):  # where the voice knows none of the characters
        assert speak(coqui, text).duration_ms >= 0
    assert speak(coqui, "Buenos días").duration_ms > 0


def test_a_folder_that_can_not_be_loaded_says_why(python: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"does not start: .*broken has a config\.json, but no checkpoint"):
        Coqui(str(model(tmp_path / "broken", "vits")))


def test_no_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no Coqui model"):
        Coqui(str(tmp_path))
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(EngineError, match="no configuration of a Coqui model"):
        Coqui(str(tmp_path))


def test_xtts_is_for_who_accepts_its_licence(tmp_path: Path) -> None:
    model(tmp_path / "ours", "vits")
    model(tmp_path / "xtts_v2", "xtts")
    with pytest.raises(EngineError, match=r'xtts_v2 is an XTTS model.*CPML.*non-commercial.*"accept": \["CPML"\]'):
        Coqui(str(tmp_path))
    with pytest.raises(EngineError, match="no program here"):  # it gets past the licence
        Coqui(str(tmp_path), accept=["CPML"], command="/no/such/python")


@pytest.mark.parametrize("consent", [None, "", "yes", "I agree", True, {"who": "Ana"}, " " * 40])
def test_no_voice_is_copied_without_a_statement_of_consent(tmp_path: Path, consent: Any) -> None:
    (tmp_path / "ana.wav").write_bytes(b"RIFF")
    xtts = str(model(tmp_path / "xtts_v2", "xtts"))
    clone = {"wav": str(tmp_path / "ana.wav"), "consent": consent}
    with pytest.raises(EngineError, match="the voice of 'Ana' is not copied without consent"):
        Coqui(xtts, accept=["CPML"], clones={"Ana": clone})
    del clone["consent"]
    with pytest.raises(EngineError, match="not copied without consent"):
        Coqui(xtts, accept=["CPML"], clones={"Ana": clone})


@pytest.mark.parametrize(
    ("clone", "told"),
    [
        ({"consent": CONSENT}, 'needs the option "wav"'),
        ({"consent": CONSENT, "wav": []}, 'needs the option "wav"'),
        ({"consent": CONSENT, "wav": [1]}, 'needs the option "wav"'),
        ({"consent": CONSENT, "wav": "/no/such.wav"}, "there is no file /no/such.wav"),
    ],
)
def test_a_voice_to_copy_needs_its_sound(tmp_path: Path, clone: dict[str, Any], told: str) -> None:
    with pytest.raises(EngineError, match=told):
        Coqui(str(model(tmp_path / "xtts_v2", "xtts")), accept=["CPML"], clones={"Ana": clone})


def test_only_xtts_copies_voices(tmp_path: Path) -> None:
    (tmp_path / "ana.wav").write_bytes(b"RIFF")
    clone = {"wav": str(tmp_path / "ana.wav"), "consent": CONSENT}
    with pytest.raises(EngineError, match="there is no XTTS model that could do it"):
        Coqui(str(model(tmp_path / "vits", "vits")), clones={"Ana": clone})
