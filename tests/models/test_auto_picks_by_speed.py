"""`DRAGOMAN_MODELS=auto`: the best that is fast enough, measured once for each machine and revision."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

import starter
from models.catalogue import catalogue
from models.lock import Pin, write
from models.store import ModelStore
from models.sums import sums
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from server.cli.model_selection import automatic
from server.cli.model_selection.automatic import FILE, LIMITS, choose_by_speed
from server.cli.model_selection.trial import Trial
from server.engine_choice.from_settings import specs
from server.settings import BadSetting, Settings
from tests.kit.installed_models import lay


class Stopwatch:
    """Times that are given, by the last part of the model's path."""

    def __init__(self, **factors: float | None) -> None:
        self.factors = {name.replace("_", "-"): factor for name, factor in factors.items()}
        self.measured: list[str] = []

    async def __call__(self, spec: EngineSpec, wanted: Collection[str], runs: int) -> Trial:
        name = Path(spec.options["path"]).name
        self.measured.append(name)
        factor = self.factors[name]
        if factor is None:
            raise EngineError("it does not start")
        return Trial(1.0, factor * 3, 3.0, "")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, models="auto")


@pytest.fixture
def store(settings: Settings) -> ModelStore:
    return ModelStore(settings.data / "models")


def recogniser(settings: Settings) -> str:
    return Path(specs(settings)["stt"].options["path"]).name


async def test_the_best_that_is_fast_enough(
    settings: Settings, store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lay(store, "whisper-tiny", "whisper-base", "whisper-small")
    watch = Stopwatch(whisper_small=0.7, whisper_base=0.2, whisper_tiny=0.1)
    assert recogniser(await choose_by_speed(settings, watch)) == "whisper-base"
    assert watch.measured == ["whisper-small", "whisper-base"], "what is worse needs no measuring"
    assert "whisper-small takes 0.700 s for a second of speech, allowed 0.30" in caplog.text
    assert "stt is whisper-base: the best that is fast enough" in caplog.text


async def test_the_fastest_where_all_are_too_slow(
    settings: Settings, store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    lay(store, "whisper-tiny", "whisper-base")
    made = await choose_by_speed(settings, Stopwatch(whisper_base=4.0, whisper_tiny=2.0))
    assert recogniser(made) == "whisper-tiny"
    assert "too slow here, but nothing is faster" in caplog.text


async def test_it_is_measured_once(settings: Settings, store: ModelStore) -> None:
    lay(store, "whisper-base")
    first, second = Stopwatch(whisper_base=0.2), Stopwatch()
    await choose_by_speed(settings, first)
    assert recogniser(await choose_by_speed(settings, second)) == "whisper-base"
    assert (first.measured, second.measured) == (["whisper-base"], [])


@pytest.mark.parametrize("change", ["machine", "revision", "spoilt"])
async def test_another_machine_or_revision_is_measured_anew(
    settings: Settings, store: ModelStore, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    lay(store, "whisper-base")
    await choose_by_speed(settings, Stopwatch(whisper_base=0.2))
    if change == "machine":
        monkeypatch.setattr(automatic, "machine", lambda: {"processor": "another"})
    elif change == "revision":
        model = catalogue().models["whisper-base"]
        files = sums(store.path(model))
        write(store.folder, {model.name: Pin(model.repository, "main", "", model.licence, files, files)})
    else:
        (store.folder / FILE).write_text("{")
    again = Stopwatch(whisper_base=0.2)
    await choose_by_speed(settings, again)
    assert again.measured == ["whisper-base"]


async def test_one_that_does_not_run_is_passed_over_and_not_remembered(settings: Settings, store: ModelStore) -> None:
    lay(store, "whisper-small", "whisper-base")
    made = await choose_by_speed(settings, Stopwatch(whisper_small=None, whisper_base=0.1))
    assert recogniser(made) == "whisper-base"
    assert len(json.loads((store.folder / FILE).read_text())["factors"]) == 1


async def test_nothing_installed_is_the_bundled_set(settings: Settings) -> None:
    made = specs(await choose_by_speed(settings, Stopwatch()))
    assert [made[kind].name for kind in ("stt", "mt", "tts")] == ["starter", "starter", "espeak"]


async def test_translators_are_weighed_together_and_a_voice_has_espeak_below_it(
    settings: Settings, store: ModelStore
) -> None:
    lay(store, "opus-mt-en-es", "opus-mt-es-en", "opus-mt-big-en-es", "piper-en-us-ljspeech-medium")
    watch = Stopwatch(
        opus_mt_big_en_es=LIMITS["mt"] * 2, opus_mt_en_es=0.1, opus_mt_es_en=0.1,
        piper_en_us_ljspeech_medium=LIMITS["tts"] * 2,
    )  # fmt: skip
    made = specs(await choose_by_speed(settings, watch))
    assert {Path(path).name for path in made["mt"].options["paths"]} == {"opus-mt-en-es", "opus-mt-es-en"}
    assert made["tts"].name == "espeak"
    watch.factors["opus-mt-big-en-es"] = 0.2
    (store.folder / FILE).unlink()
    made = specs(await choose_by_speed(settings, watch))
    assert {Path(path).name for path in made["mt"].options["paths"]} == {"opus-mt-big-en-es", "opus-mt-es-en"}


async def test_a_stage_that_is_set_is_left_alone(settings: Settings, store: ModelStore) -> None:
    lay(store, "whisper-base")
    watch = Stopwatch()
    made = specs(await choose_by_speed(replace(settings, stt="scripted"), watch))
    assert (made["stt"].name, watch.measured) == ("scripted", [])


def test_not_chosen_yet_it_is_refused(settings: Settings) -> None:
    with pytest.raises(BadSetting, match="auto"):
        specs(settings)


async def test_a_real_engine_is_really_measured(settings: Settings, store: ModelStore) -> None:
    """The bundled recogniser's weights in the place of a large one."""
    shutil.copytree(starter.STT, store.folder / "whisper-tiny")
    made = await choose_by_speed(settings)
    assert recogniser(made) == "whisper-tiny"
    (factor,) = json.loads((store.folder / FILE).read_text())["factors"].values()
    assert factor > 0
