"""Every engine keeps the contract, with the real code of its libraries: the bundled models, each family of models by
random weights of its architecture, Apertium, espeak-ng, Piper and Coqui, and the scripted ones.

Another engine is one line at the end of its kind: `TestMine = stt("mine", {"path": …})`.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench import weights
from pipeline.engine_contract import Contract, SynthesizerContract, TranscriberContract, TranslatorContract
from pipeline.engines import EngineError, registry
from pipeline.engines.registry import EngineSpec
from pipeline.engines.translation.apertium import FOLDERS
from pipeline.engines.voices.python_environment import interpreter
from tests.kit.espeak_speech import say
from tests.kit.random_piper_voice import make_voice

Make = Callable[[Path], Path]


@cache
def made() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for models; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="dragoman-contract-", ignore_cleanup_errors=True)


@pytest.fixture(scope="module", autouse=True)
def models_are_removed() -> Any:
    yield
    if made.cache_info().currsize:
        made().cleanup()
        made.cache_clear()


def suite(base: type[Contract], name: str, options: Mapping[str, Any], make: Make | None, **more: Any) -> type[Any]:
    """The contract on one engine; a model that it needs is made when the first check asks for the engine.

    An engine class is started in a process of its own once: with more models of the same class that would show the
    same again. `alone` says so."""

    class Suite(base):  # type: ignore[valid-type, misc]
        @classmethod
        def engine(cls) -> Any:
            if make is not None and "path" not in cls.spec.options:
                folder = make(Path(tempfile.mkdtemp(dir=made().name)) / "model")
                cls.spec = EngineSpec(cls.spec.kind, cls.spec.name, {**options, "path": str(folder)})
            return super().engine()

    kind = {TranscriberContract: "stt", TranslatorContract: "mt", SynthesizerContract: "tts"}[base]
    if not more.pop("alone", True):
        more["test_it_serves_in_a_process_of_its_own"] = None
    assert (kind, name) in registry.entries()
    return type("Suite", (Suite,), {"spec": EngineSpec(kind, name, options), **more})  # type: ignore[arg-type]


def stt(name: str, options: Mapping[str, Any] | None = None, make: Make | None = None, **more: Any) -> type[Any]:
    return suite(TranscriberContract, name, options or {}, make, **more)


def mt(name: str, options: Mapping[str, Any] | None = None, make: Make | None = None, **more: Any) -> type[Any]:
    return suite(TranslatorContract, name, options or {}, make, **more)


def tts(name: str, options: Mapping[str, Any] | None = None, make: Make | None = None, **more: Any) -> type[Any]:
    return suite(SynthesizerContract, name, options or {}, make, **more)


def whisper(size: str, alone: bool = False, **options: Any) -> type[Any]:
    """A Whisper with random weights, of that architecture."""
    options = {"margin": 30, **options}
    return stt("whisper", options, lambda folder: weights.whisper(size, folder, tiny=True), alone=alone)


def piper(folder: Path) -> Path:
    """A small Piper voice with random weights."""
    return make_voice(folder, "en_US-ana-low", espeak="en-us").parent


def coqui(folder: Path) -> Path:
    """A small VITS voice, made and saved by Coqui itself. Without its environment (scripts/setup-coqui) it is
    skipped, and says so."""
    try:
        python = interpreter("coqui", "coqui-tts")
    except EngineError as error:
        pytest.skip(f"REAL COQUI NOT TESTED: {error}")
    voice = folder / "random"
    subprocess.run([python, str(Path(__file__).parents[1] / "kit" / "random_coqui_voice.py"), str(voice)], check=True)
    return folder


def apertium(folder: Path) -> Path:
    """The pairs that are installed. Without apertium-eng-spa it is skipped, and says so."""
    installed = Path(FOLDERS[0])
    if shutil.which("lt-proc") is None or not (installed / "modes" / "eng-spa.mode").is_file():
        pytest.skip("REAL APERTIUM NOT TESTED: apt-get install apertium apertium-eng-spa")
    return installed


SAID = ("Where is the train station?", "I would like a coffee, please.", "I lost my passport.")
TOLD = {
    ("en", "es", SAID[0]): "¿Dónde está la estación de tren?",
    ("es", "en", "Quisiera un café, por favor."): "I would like a coffee, please.",
}

# recognition; the other Whispers differ from these in nothing but size
TestStarterTranscriber = stt("starter", recordings=[(say(text, "en"), text) for text in SAID], language="en")
TestWhisperTiny = whisper("tiny", alone=True)
TestWhisperWordTimes = whisper("base", word_timestamps=True)
TestWhisperPadded = whisper("small", margin=None)
TestWhisperLargeV3 = whisper("large-v3")
TestWhisperTurbo = whisper("turbo")
TestWhisperEnglishOnly = whisper("distil-small.en")
TestScriptedTranscriber = stt("scripted")

# translation
TestStarterTranslator = mt("starter", known=TOLD)
TestOpusMT = mt("ctranslate", make=lambda folder: weights.opus(folder, tiny=True))
TestOpusMTOfManyTargets = mt(
    "ctranslate",
    make=lambda folder: weights.opus(folder, [("en", "es"), ("en", "fr"), ("en", "pt")], tiny=True),
    alone=False,
)
TestM2M100 = mt("ctranslate", make=lambda folder: weights.m2m100(folder, tiny=True), alone=False)
TestNLLB = mt("ctranslate", make=lambda folder: weights.nllb(folder, tiny=True), alone=False)
TestApertium = mt("apertium", make=apertium, known={("en", "es", "The house is white."): "La casa es blanca."})
TestScriptedTranslator = mt("scripted")

# speech
TestEspeak = tts("espeak", tolerance=0.0)
TestScriptedSynthesizer = tts("scripted", {"word_seconds": 0.15, "seconds": 0.4}, tolerance=0.0)
TestPiper = tts("piper", make=piper, tolerance=0.3)
TestCoqui = tts("coqui", {"timeout_s": 60.0}, make=coqui, language="es", tolerance=0.3)  # for its longest text
