"""Piper for real, over voices of its true interface with random weights: noise as long as what is to be said."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from pipeline.engines.voices.mastering import LEVEL_LUFS, loudness
from pipeline.engines.voices.piper import Piper
from pipeline.engines.voices.python_environment import interpreter
from pipeline.lanes.local import LocalLane
from pipeline.speech import Speech, Synthesize, Voice
from tests.kit.random_piper_voice import make_voice

TEXT = {"en": "Where is the train station?", "es": "¿Dónde está la estación de tren?", "de": "Wo ist der Bahnhof?"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voices")
    make_voice(folder, "en_US-ana-low", espeak="en-us", licence="CC BY 4.0")
    make_voice(folder / "es", "es_MX-duo-medium", espeak="es-419", speakers=("uno", "dos"), seed=2)
    (folder / "es" / "MODEL_CARD").write_text("# Model card\n\n## Dataset\n\n* URL: x\n* License: CC0\n")
    return folder


@pytest.fixture(scope="module")
def piper(folder: Path) -> Iterator[Piper]:
    engine = Piper(str(folder))
    yield engine
    engine.close()


def speak(piper: Piper, language: str, text: str | None = None, **line: object) -> Speech:
    (speech,) = piper.synthesize([Synthesize(text or TEXT[language], language, **line)])  # type: ignore[arg-type]
    return speech


def test_its_voices_and_their_licences(piper: Piper) -> None:
    assert piper.languages == {"en", "es"}
    assert piper.voices == (
        Voice("en_US-ana-low", "en-US", "ana (low)", "CC BY 4.0"),
        Voice("es_MX-duo-medium#uno", "es-MX", "duo (medium), uno", "CC0"),
        Voice("es_MX-duo-medium#dos", "es-MX", "duo (medium), dos", "CC0"),
    )


def test_speech_is_as_long_as_its_phonemes_and_as_loud_as_all_else(piper: Piper) -> None:
    speech = speak(piper, "en")
    # Some 50 ids (a phoneme and a pad each), of 3 to 8 frames of 11.6 ms.
    assert 40 * 3 * 11.6 < speech.duration_ms < 70 * 8 * 11.6
    samples = np.frombuffer(speech.pcm, np.int16).astype(np.float32) / 32767
    assert loudness(samples) == pytest.approx(LEVEL_LUFS, abs=0.2)


def test_several_sentences_and_several_lines(piper: Piper) -> None:
    one = speak(piper, "en").duration_ms
    assert speak(piper, "en", f"{TEXT['en']} {TEXT['en']}").duration_ms == pytest.approx(2 * one, rel=0.05)
    jobs = [Synthesize(TEXT[language], language) for language in ("en", "es", "en")]
    lengths = [speech.duration_ms for speech in piper.synthesize(jobs)]
    assert lengths[0] == pytest.approx(lengths[2], rel=0.02)
    assert lengths[0] == pytest.approx(one, rel=0.02)


@pytest.mark.parametrize("rate", [0.8, 1.25, 1.6])
def test_rate_is_a_factor_on_the_tempo(piper: Piper, rate: float) -> None:
    assert speak(piper, "en", rate=rate).duration_ms == pytest.approx(speak(piper, "en").duration_ms / rate, rel=0.06)


def test_a_speaker_is_a_voice(piper: Piper) -> None:
    spectra = []
    for voice in ("es_MX-duo-medium#uno", "es_MX-duo-medium#dos", "es_MX-duo-medium#uno"):
        samples = np.frombuffer(speak(piper, "es", voice=voice).pcm, np.int16)[:24_000].astype(float)
        spectra.append(np.abs(np.fft.rfft(samples)).reshape(-1)[:12_000].reshape(120, 100).mean(axis=1))
    same, other = (np.linalg.norm(spectra[0] - spectra[n]) / np.linalg.norm(spectra[0]) for n in (2, 1))
    assert same < other / 2


def test_a_voice_of_another_language_is_the_usual_one(piper: Piper) -> None:
    lengths = [speak(piper, "es", voice=voice).duration_ms for voice in ("", "en_US-ana-low", "nobody")]
    assert lengths == pytest.approx([lengths[0]] * 3, rel=0.02)


@pytest.mark.parametrize("text", ["", " ", "…", "\x01\x02", "¿?"])
def test_nothing_to_say_is_no_audio(piper: Piper, text: str) -> None:
    assert piper.synthesize([Synthesize(text, "es")]) == [Speech(b"")]


@pytest.mark.parametrize(
    "text", ["a\ud800b", "[[h@l'oU]] you", '{"id": 1}\n{"id": 2}', "日本語 and more", "word " * 40]
)
def test_odd_text_does_no_harm(piper: Piper, text: str) -> None:
    assert 0 < speak(piper, "en", text).duration_ms < 200_000
    assert speak(piper, "en").duration_ms > 0


def test_its_process_ends_with_ours_and_is_no_part_of_ours(folder: Path) -> None:
    script = f"""
import sys
from pipeline.engines.voices.piper import Piper
engine = Piper({str(folder)!r})
assert not any(name.split(".")[0] in ("piper", "onnxruntime", "onnx") for name in sys.modules)
print(engine.pid, flush=True)
import os; os._exit(0)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    for _ in range(6000):
        if _is_over(int(done.stdout)):
            return
        time.sleep(0.01)
    raise AssertionError("its process is left")


def _is_over(pid: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_killed_under_its_lane_it_is_there_for_the_next_line(folder: Path) -> None:
    async with LocalLane[Synthesize, Speech](
        EngineSpec("tts", "piper", {"path": str(folder), "patience_s": 60})
    ) as lane:
        await lane.wait_ready()
        assert lane.languages == {"en", "es"}
        assert lane.voices[0].id == "en_US-ana-low"
        (worker,) = lane.pids
        children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()  # noqa: ASYNC240 - not a disk
        assert len(children) == 1
        os.kill(int(children[0]), signal.SIGKILL)
        assert (await lane.do(Synthesize(TEXT["en"], "en"), timeout=60)).pcm
        assert lane.pids == [worker]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "no voice"),
        ({"a.onnx": b"x"}, "a.onnx has no a.onnx.json beside it"),
        ({"a.onnx": b"x", "a.onnx.json": b"{"}, "JSONDecodeError"),
    ],
)
def test_a_folder_without_voices_says_so(tmp_path: Path, files: dict[str, bytes], told: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(EngineError, match=f"does not start: .*{told}"):
        Piper(str(tmp_path))


def test_a_voice_that_is_broken_costs_its_own_lines_alone(folder: Path, tmp_path: Path) -> None:
    make_voice(tmp_path, "en_US-ana-low", espeak="en-us")
    broken = make_voice(tmp_path, "fr_FR-bob-low", espeak="fr-fr")
    broken.write_bytes(b"no model")
    engine = Piper(str(tmp_path))
    try:
        with pytest.raises(EngineError, match=r"piper-tts .*fr_FR-bob-low"):
            engine.synthesize([Synthesize("Bonjour", "fr")])
        assert engine.synthesize([Synthesize(TEXT["en"], "en")])[0].pcm
        engine.warm_up()  # as its lane does before it takes a line
    finally:
        engine.close()
    (tmp_path / "en_US-ana-low.onnx").write_bytes(b"no model either")
    engine = Piper(str(tmp_path))
    try:
        with pytest.raises(EngineError, match=r"piper-tts .*en_US-ana-low"):
            engine.warm_up()
    finally:
        engine.close()


def test_a_folder_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is no folder"):
        Piper(str(tmp_path / "none"))


def test_which_python_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match=r"DRAGOMAN_PIPER\) names '/no/such/python', which is no program here"):
        interpreter("piper", "piper-tts", "/no/such/python")
    assert interpreter("piper", "piper-tts", sys.executable) == sys.executable
    monkeypatch.setattr("pipeline.engines.voices.python_environment.ROOT", tmp_path)
    with pytest.raises(EngineError, match=r"run scripts/setup-piper, install the extra \[piper\], or name a Python"):
        interpreter("piper", "piper-tts")


def test_a_python_without_the_library_says_what_is_missing(folder: Path) -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys._base_executable)"], capture_output=True, text=True, check=True
    ).stdout.strip()
    with pytest.raises(EngineError, match="does not start: ModuleNotFoundError: No module named 'piper'"):
        Piper(str(folder), command=bare)


def test_the_configuration_is_read_as_piper_voices_have_it(tmp_path: Path) -> None:
    """Without a language in it (the oldest voices), the file's name tells; and a voice tells its own tempo."""
    path = make_voice(tmp_path, "pt_BR-old-low", espeak="pt-br")
    config = path.with_name("pt_BR-old-low.onnx.json")
    told = json.loads(config.read_text())
    del told["language"]
    told["inference"]["length_scale"] = 2.0
    make_voice(tmp_path, "de_DE-new-low", espeak="de")
    config.write_text(json.dumps(told))
    engine = Piper(str(tmp_path))
    try:
        assert {voice.language for voice in engine.voices} == {"de-DE", "pt-BR"}
        slow, usual = engine.synthesize([Synthesize("Otto", "pt"), Synthesize("Otto", "de")])
        assert slow.duration_ms > 1.5 * usual.duration_ms
    finally:
        engine.close()
