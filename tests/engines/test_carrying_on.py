"""A translation that goes on behind what listeners have: by a fixed beginning of the target, or by a cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.translation.apertium import Apertium
from pipeline.engines.translation.carrying_on import going_on, rest_of
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.translation.with_glossary import Glossed
from pipeline.speech import Begun, Translate, Translation
from pipeline.text.glossary import Glossary
from tests.kit.random_translation_models import SAID, random_model


@pytest.mark.parametrize(
    ("whole", "begun", "alone", "language", "rest"),
    [
        ("Puede acabar la prueba colgando.", "Puede acabar la prueba", "Por colgando.", "es", "colgando."),
        ("Puede acabar la prueba, colgando.", "Puede acabar la prueba", "Colgando.", "es", "colgando."),
        ("Podría acabar la prueba colgando.", "Puede acabar la prueba", "Colgando.", "es", "colgando."),
        ("El coche rojo y grande.", "El coche", "Rojo y grande.", "es", "rojo y grande."),
        ("Vi el perro negro ayer.", "Vi el perro", "Negro ayer.", "es", "negro ayer."),
        ("我们去北京看朋友。", "我们去", "北京看朋友。", "zh", "北京看朋友。"),
        ("Todo es distinto de lo que era.", "Puede acabar la prueba", "Colgando.", "es", ""),
        ("Puede acabar la prueba", "Puede acabar la prueba", "Colgando.", "es", ""),
        ("Colgando puede acabar la prueba.", "Puede acabar la prueba", "Colgando.", "es", ""),
        ("Puede acabar la prueba. Colgando.", "Puede acabar la prueba.", "Colgando.", "es", "Colgando."),
        ("", "Puede", "Colgando.", "es", ""),
    ],
)
def test_the_rest_is_what_the_whole_has_behind_the_beginning(
    whole: str, begun: str, alone: str, language: str, rest: str
) -> None:
    assert rest_of(whole, begun, alone, language) == rest


@pytest.mark.parametrize(
    ("text", "rest"),
    [(", y luego", "y luego"), (". Y luego", ""), ("¿y luego?", "¿y luego?"), (" ", ""), ("—sí", "sí")],
)
def test_a_continuation_begins_with_a_word(text: str, rest: str) -> None:
    assert going_on(text) == rest


@pytest.fixture(scope="module")
def apertium() -> Iterator[Apertium]:
    try:
        engine = Apertium()
    except EngineError as error:
        pytest.skip(f"APERTIUM NOT TESTED: {error}")
    yield engine
    engine.close()


def asked(engine: Apertium | CTranslate | Glossed, text: str, begun: Begun | None = None) -> Translation:
    (answer,) = engine.translate([Translate(text, "en", "es", begun=begun)])
    assert isinstance(answer, Translation)
    return answer


def test_apertium_translates_the_whole_and_leaves_out_what_was_heard(apertium: Apertium) -> None:
    said, text = "You may end the test", "by hanging up."
    whole, first = asked(apertium, f"{said} {text}").text, asked(apertium, said).text
    rest = asked(apertium, text, Begun(said, first))
    assert rest.carried_on and f"{first} {rest.text}" == whole


def test_apertium_says_nothing_twice_where_the_whole_has_another_order(apertium: Apertium) -> None:
    said, text = "There is a temporary greeting", "which overrides your standard greetings."
    first = asked(apertium, said).text
    rest = asked(apertium, text, Begun(said, first))
    assert not set(first.casefold().split()) & set(rest.text.casefold().split())


def test_apertium_begins_anew_where_listeners_have_something_else(apertium: Apertium) -> None:
    alone = asked(apertium, "by hanging up.")
    assert asked(apertium, "by hanging up.", Begun("You may end the test", "Otra cosa del todo distinta")) == alone
    assert not alone.carried_on


@pytest.fixture(scope="module")
def bundled() -> CTranslate:
    return CTranslate(str(starter.MT))


@pytest.mark.parametrize(
    ("said", "text", "translated"),
    [
        ("Where is", "the train station?", "¿Dónde está"),
        ("I would like", "a coffee, please.", "Quisiera"),
        ("I lost", "my passport.", "Perdí"),
    ],
)
def test_the_bundled_model_goes_on_behind_a_fixed_beginning(
    bundled: CTranslate, said: str, text: str, translated: str
) -> None:
    whole = asked(bundled, f"{said} {text}")
    rest = asked(bundled, text, Begun(said, translated))
    assert rest.carried_on and not whole.carried_on
    assert f"{translated} {rest.text}" == whole.text


def test_what_listeners_have_stays_though_the_model_would_say_it_otherwise(bundled: CTranslate) -> None:
    rest = asked(bundled, "a coffee, please.", Begun("I would like", "Yo quisiera"))
    assert rest.carried_on and rest.text and "quisiera" not in rest.text.casefold()


@pytest.mark.parametrize("family", ["m2m100", "nllb", "opus-mt"])
def test_every_family_keeps_its_own_beginning_in_front(tmp_path: Path, family: str) -> None:
    tokens = {
        "m2m100": ["__en__", "__es__"], "nllb": ["eng_Latn", "spa_Latn"], "opus-mt": [">>spa<<", ">>fra<<"],
    }  # fmt: skip
    engine = CTranslate(str(random_model(tmp_path / "opus-mt-en-mul", family, tokens[family])))
    begun = Begun(SAID[0], "dónde está la estación")
    alone, rest, again = engine.translate(
        [
            Translate(SAID[1], "en", "es"),
            Translate(SAID[1], "en", "es", begun=begun),
            Translate(SAID[1], "en", "es"),
        ]
    )
    assert alone == again and not alone.carried_on and rest.carried_on
    assert rest.text != alone.text, "the beginning steers what follows"


def test_a_sentence_of_several_carries_on_in_its_first_alone(bundled: CTranslate) -> None:
    rest = asked(bundled, "a coffee, please. I lost my passport.", Begun("I would like", "Quisiera"))
    assert rest.text == "un café, por favor. Perdí mi pasaporte."


@pytest.mark.parametrize(
    "begun", [Begun("word " * 400, "palabra"), Begun("\ud800", "\ud800"), Begun("</s>", "</s> <s>")]
)
def test_odd_beginnings_do_no_harm(bundled: CTranslate, begun: Begun) -> None:
    assert len(asked(bundled, "I lost my passport.", begun).text) < 500
    assert asked(bundled, "I lost my passport.").text == "Perdí mi pasaporte."


def test_a_segment_with_a_term_of_the_glossary_is_translated_alone(bundled: CTranslate) -> None:
    engine = Glossed(bundled, Glossary([{"en": ("train station",), "es": ("terminal",)}], "v1"))
    rest = asked(engine, "the train station?", Begun("Where is", "¿Dónde está"))
    assert (rest.text.casefold(), rest.carried_on) == ("terminal.", False)
