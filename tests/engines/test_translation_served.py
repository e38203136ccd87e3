"""Translation as an operator and a client see it: glossary and cache as settings, pairs by way of English."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from pipeline.engines.registry import EngineSpec
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.translation_cache import CachingLane
from pipeline.speech import Translate
from server.call_admission import Admission
from server.dependencies import languages_of
from server.engine_choice.from_settings import engine_set, specs
from server.observe.metrics import Metrics
from server.settings import BadSetting, Settings, read
from tests.kit.espeak_speech import say
from tests.kit.random_translation_models import witness


def interpret(file: Path, source: str, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli.main", "interpret", str(file), "--from", source, "--to", target]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Somebody who speaks: `scripted` recognition takes it for whatever it is told."""
    file = tmp_path / "said.wav"
    with wave.open(str(file), "wb") as wav:
        wav.setparams((1, 2, 16000, 0, "NONE", ""))
        wav.writeframes(bytes(16000) + say("Where is the station?", "en") + bytes(64000))
    return file


def scripted(text: str, language: str) -> dict[str, str]:
    return {
        "DRAGOMAN_STT": "scripted:" + json.dumps({"texts": {language: text}, "languages": ["de", "en", "fr", "es"]}),
        "DRAGOMAN_TTS": "scripted:" + json.dumps({"languages": ["de", "en", "fr", "es"]}),
    }


def test_a_glossary_is_kept_to_from_the_first_sentence_on(tmp_path: Path, recording: Path) -> None:
    table = tmp_path / "terms.csv"
    table.write_text("en,es\npassport,documento\n")
    done = interpret(recording, "en", "es", **scripted("I lost my passport.", "en"), DRAGOMAN_GLOSSARY=str(table))
    assert "I lost my passport.  →  Perdí mi documento.\n" in done.stdout, done.stderr


def test_a_pair_by_way_of_english_says_so(tmp_path: Path, recording: Path) -> None:
    for source, target in (("de", "en"), ("en", "fr")):
        witness(tmp_path / "mt" / f"opus-mt-{source}-{target}", "opus-mt", [], [], says=f"{source} into {target}")
    settings = {**scripted("wo ist der Zug.", "de"), "DRAGOMAN_MT": f"opus-mt:{tmp_path / 'mt'}"}
    done = interpret(recording, "de", "fr", **settings)
    assert "de→fr is translated by way of English\n" in done.stdout, done.stderr
    assert "wo ist der Zug.  →  en into fr\n" in done.stdout


def test_a_bad_glossary_stops_the_start(tmp_path: Path) -> None:
    table = tmp_path / "terms.csv"
    table.write_text("en,es\npassport\n")
    with pytest.raises(BadSetting, match=r"DRAGOMAN_GLOSSARY: .*terms\.csv line 2: a term in one language only"):
        specs(read({"DRAGOMAN_GLOSSARY": str(table)}))
    with pytest.raises(BadSetting, match="DRAGOMAN_GLOSSARY: /nowhere can't be read"):
        specs(Settings(glossary=Path("/nowhere")))


def test_a_glossary_goes_with_whatever_engine_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "terms.csv").write_text("en,es\npassport,documento\n")
    monkeypatch.chdir(tmp_path)
    chosen = specs(Settings(mt='openai:{"url": "https://llm.example.org", "model": "m"}', glossary=Path("terms.csv")))
    assert chosen["mt"].options["glossary"] == str(tmp_path / "terms.csv")
    assert chosen["mt"].options["model"] == "m"


async def test_what_is_remembered_is_a_metric() -> None:
    settings = read({"DRAGOMAN_STT": "scripted", "DRAGOMAN_TTS": "scripted"})
    async with engine_set(settings) as stages:
        await stages.mt.wait_ready()
        for _ in range(3):
            await stages.mt.do(Translate("I lost my passport.", "en", "es"))
        assert isinstance(stages.mt, CachingLane) and len(stages.mt.memory) == 1
        page = Metrics(stages, Admission()).exposition().decode()
        assert "dragoman_translations_remembered_total 1.0\n" in page


async def test_the_memory_can_be_turned_off() -> None:
    settings = read({"DRAGOMAN_MT_MEMORY": "0"})
    stages = engine_set(settings)
    assert isinstance(stages.mt, CachingLane)
    for _ in range(3):
        stages.mt.memory.put(("engine", "en", "es", "Yes."), "Sí.")
    assert len(stages.mt.memory) == 0


class _Translator:
    pairs = frozenset({("de", "en"), ("en", "fr"), ("de", "fr"), ("ja", "fr")})
    pivoted = frozenset({("de", "fr"), ("ja", "fr")})
    gist = frozenset({("de", "en"), ("ja", "fr")})

    def translate(self, jobs: list[Translate]) -> list[object]:
        return []


async def test_clients_are_told_which_pairs_go_by_way_of_english() -> None:
    ears, voices = ScriptedTranscriber(languages=["de", "en"]), ScriptedSynthesizer(languages=["fr", "en"])
    async with EngineSet(InLoopLane(ears), InLoopLane(_Translator()), InLoopLane(voices)) as stages:
        told = languages_of(stages).as_json()
    assert told["pairs"] == [["de", "en"], ["de", "fr"], ["en", "fr"]]
    assert told["pivoted"] == [["de", "fr"]], "and only such as are possible here"
    assert told["gist"] == [["de", "en"]], "likewise"


def test_a_spec_without_a_glossary_is_as_it_was() -> None:
    assert specs(Settings())["mt"] == EngineSpec("mt", "starter")
