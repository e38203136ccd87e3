"""Several model folders as one translator: English between where no model knows the pair, two batches, and said so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.translation.model import Asked, TextModel
from pipeline.lanes.engine_set import open_stages
from pipeline.lanes.local import LocalLane
from pipeline.speech import Translate, Translation
from signaling.languages import Languages
from tests.kit.random_translation_models import random_model, say_pair, witness

FOLDERS = [("de", "en"), ("en", "fr"), ("en", "de"), ("fr", "en"), ("es", "en")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    for n, (source, target) in enumerate(FOLDERS):
        random_model(root / f"opus-mt-{source}-{target}", "opus-mt", [], seed=10 + n)
    return root


@pytest.fixture(scope="module")
def engine(folder: Path) -> CTranslate:
    return CTranslate(str(folder), compute_type="float32")


def alone(folder: Path, source: str, target: str, text: str) -> str:
    model = CTranslate(str(folder / f"opus-mt-{source}-{target}"), compute_type="float32")
    (told,) = model.translate([Translate(text, source, target)])
    return told.text


def test_what_is_known_and_what_goes_by_way_of_english(engine: CTranslate) -> None:
    assert engine.pivoted == {("de", "fr"), ("fr", "de"), ("es", "fr"), ("es", "de")}
    assert engine.pairs == engine.pivoted | set(FOLDERS)
    with pytest.raises(EngineError, match="en → es"):
        engine.translate([Translate("one", "en", "es")])


def test_a_pivoted_text_is_what_the_two_models_make_of_it(engine: CTranslate, folder: Path) -> None:
    text = "wo ist der Bahnhof"
    (told,) = engine.translate([Translate(text, "de-AT", "fr-CA")])
    middle = alone(folder, "de", "en", text)
    assert middle and told == Translation(alone(folder, "en", "fr", middle), "de-AT", "fr-CA")
    assert told.text not in (middle, alone(folder, "en", "fr", text), alone(folder, "en", "de", middle))


def test_jobs_of_all_kinds_keep_their_order(engine: CTranslate) -> None:
    jobs = [
        Translate(text, *pair)
        for text in ("one two three", "wo ist der Zug. the ticket", "")
        for pair in [("de", "fr"), ("en", "fr"), ("es", "de"), ("fr", "en"), ("fr", "de")]
    ]
    assert list(engine.translate(jobs)) == [engine.translate([job])[0] for job in jobs]


def test_two_batches_for_all_jobs(engine: CTranslate, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[list[tuple[str, str]]] = []
    whole = TextModel.translate

    def watched(model: TextModel, asked: Sequence[Asked]) -> list[str]:
        runs.append([(one.source, one.target) for one in asked])
        return whole(model, asked)

    monkeypatch.setattr(TextModel, "translate", watched)
    asked = [("eins", "de", "fr"), ("zwei", "de", "en"), ("drei", "de", "fr"), ("four", "en", "fr")]
    engine.translate([Translate(*one) for one in asked])
    assert runs == [[("de", "en")] * 3, [("en", "fr")], [("en", "fr")] * 2]


def test_one_model_of_many_languages_is_never_pivoted(tmp_path: Path) -> None:
    witness(tmp_path / "m", "m2m100", tokens := ["__de__", "__en__", "__fr__"], tokens)
    model = CTranslate(str(tmp_path / "m"), compute_type="float32")
    assert not model.pivoted
    (told,) = model.translate([Translate("eins", "de", "fr")])
    assert told.text == "from __de__ to __fr__"


def test_the_first_model_that_knows_a_pair_has_it(tmp_path: Path) -> None:
    paths = [say_pair(witness(tmp_path / name, "opus-mt", [], [], says=name), "en", "es") for name in ("b", "a")]
    for order in (paths, paths[::-1]):
        model = CTranslate(paths=[str(path) for path in order], compute_type="float32")
        assert model.translate([Translate("x", "en", "es")])[0].text == order[0].name
        assert len(model.pairs) == 1
    assert CTranslate(str(tmp_path), compute_type="float32").translate([Translate("x", "en", "es")])[0].text == "a"


def spec(folder: Path) -> EngineSpec:
    return EngineSpec("mt", "opus-mt", {"path": str(folder), "compute_type": "float32"})


async def test_it_is_told_to_the_lane_and_to_clients(folder: Path) -> None:
    scripted: dict[str, Any] = {"languages": ["de", "en", "fr"]}
    ears, voices = EngineSpec("stt", "scripted", scripted), EngineSpec("tts", "scripted", scripted)
    stages = open_stages({"stt": ears, "mt": spec(folder), "tts": voices})
    async with stages:
        await stages.wait_ready()
        assert isinstance(stages.mt, LocalLane) and ("es", "fr") in stages.mt.pivoted
        assert stages.pivoted() == {("de", "fr"), ("fr", "de")}, "Spanish is not heard here"
        told = Languages.of(stages.stt.languages, stages.tts.languages, stages.pairs(), stages.pivoted()).as_json()
        assert told["pivoted"] == [["de", "fr"], ["fr", "de"]]
        assert ["de", "fr"] in told["pairs"] and ["de", "en"] in told["pairs"]  # type: ignore[operator]
        assert (await stages.mt.do(Translate("wo ist der Zug", "de", "fr"))).text
