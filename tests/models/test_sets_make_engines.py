"""`--models standard | quality | FOLDER`: which engines that means, and what is said where a model is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.store import ModelStore
from server.engine_choice.from_settings import specs
from server.settings import BadSetting, Settings, read
from tests.kit.installed_models import lay

VOICES = ("piper-en-us-ljspeech-medium", "piper-es-es-davefx-medium")
STANDARD = ("whisper-small", "opus-mt-en-es", "opus-mt-es-en", *VOICES)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, models="standard")


@pytest.fixture
def store(settings: Settings) -> ModelStore:
    return ModelStore(settings.data / "models")


def test_a_set_is_a_recogniser_its_translators_and_voices(settings: Settings, store: ModelStore) -> None:
    lay(store, *STANDARD)
    made = specs(settings)
    assert (made["stt"].name, made["stt"].options) == ("whisper", {"path": str(store.folder / "whisper-small")})
    assert made["mt"].name == "ctranslate"
    assert [Path(path).name for path in made["mt"].options["paths"]] == ["opus-mt-es-en", "opus-mt-en-es"]
    assert made["tts"].name == "piper"
    assert {Path(path).name for path in made["tts"].options["path"]} == set(VOICES)


def test_the_smaller_recogniser_will_do(settings: Settings, store: ModelStore) -> None:
    lay(store, "whisper-base", *STANDARD[1:])
    assert specs(settings)["stt"].options["path"].endswith("whisper-base")
    lay(store, "whisper-small")
    assert specs(settings)["stt"].options["path"].endswith("whisper-small")


@pytest.mark.parametrize("missing", STANDARD[1:])
def test_what_is_missing_is_named_with_its_command(settings: Settings, store: ModelStore, missing: str) -> None:
    lay(store, *(name for name in STANDARD if name != missing))
    with pytest.raises(BadSetting, match=f"dragoman models pull {missing} "):
        specs(settings)


def test_half_a_model_counts_for_none(settings: Settings, store: ModelStore) -> None:
    lay(store, *STANDARD)
    (store.folder / "whisper-small" / "tokenizer.json").unlink()
    with pytest.raises(BadSetting, match="dragoman models pull whisper-small "):
        specs(settings)


def test_a_stage_that_is_set_needs_no_model(settings: Settings, store: ModelStore) -> None:
    lay(store, "whisper-small")
    made = specs(replace(settings, mt="starter", tts="espeak"))
    assert [made[kind].name for kind in ("stt", "mt", "tts")] == ["whisper", "starter", "espeak"]


def test_a_language_that_no_voice_speaks_is_left_to_espeak(settings: Settings, store: ModelStore) -> None:
    lay(store, "whisper-small", "opus-mt-en-ja", "opus-mt-ja-en")
    assert specs(replace(settings, languages=("ja",)))["tts"].name == "espeak"


@pytest.mark.parametrize("inner", ["", "models"])
def test_a_folder_is_the_best_of_what_lies_in_it(tmp_path: Path, inner: str) -> None:
    store = ModelStore(tmp_path / "brought" / inner)
    lay(store, "whisper-tiny", "whisper-base", "opus-mt-en-es")
    made = specs(Settings(models=str(tmp_path / "brought"), data=tmp_path / "elsewhere"))
    assert made["stt"].options["path"] == str(store.folder / "whisper-base")
    assert made["mt"].options["path"] == str(store.folder / "opus-mt-en-es")
    assert made["tts"].name == "espeak"


@pytest.mark.parametrize(
    ("present", "said"),
    [((), "no stt and no mt"), (("whisper-tiny",), "no mt model"), (("opus-mt-en-es",), "no stt model")],
)
def test_a_folder_that_lacks_a_stage_says_which(tmp_path: Path, present: tuple[str, ...], said: str) -> None:
    store = ModelStore(tmp_path)
    lay(store, *present)
    with pytest.raises(BadSetting, match=said) as refused:
        specs(Settings(models=str(tmp_path)))
    assert "dragoman models pull" in str(refused.value)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="is no folder"):
        specs(Settings(models=str(tmp_path / "nothing")))


@pytest.mark.parametrize("text", ["english", "en;es", ",", "tlh"])
def test_languages_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_LANGUAGES"):
        read({"DRAGOMAN_LANGUAGES": text})


def test_languages_are_primary_subtags() -> None:
    assert read({"DRAGOMAN_LANGUAGES": "pt-BR, EN,en"}).languages == ("pt", "en")
