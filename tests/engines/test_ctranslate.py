"""Translation with the bundled model: sentences, several at once, and how text is divided into them."""

import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.speech import Translate, Translation
from pipeline.text.segmenter import sentences


@pytest.fixture(scope="module")
def translator() -> CTranslate:
    return CTranslate(str(starter.MT))


def test_both_directions_in_one_batch(translator: CTranslate) -> None:
    assert translator.pairs == {("en", "es"), ("es", "en")}
    jobs = [
        Translate("Where is the train station?", "en", "es"),
        Translate("Quisiera un café, por favor.", "es", "en"),
        Translate("I lost my passport.", "en-GB", "es-MX"),
    ]
    assert translator.translate(jobs) == [
        Translation("¿Dónde está la estación de tren?", "en", "es"),
        Translation("I would like a coffee, please.", "es", "en"),
        Translation("Perdí mi pasaporte.", "en-GB", "es-MX"),
    ]


def test_several_sentences_are_translated_one_by_one_and_joined(translator: CTranslate) -> None:
    text = "¿Dónde está el banco? Quisiera un café, por favor."
    (told,) = translator.translate([Translate(text, "es", "en")])
    assert told.text == "Where is the bank? I would like a coffee, please."


def test_blank_text_is_blank(translator: CTranslate) -> None:
    blank, word = translator.translate([Translate("  ", "en", "es"), Translate("I lost my passport.", "en", "es")])
    assert (blank.text, word.text) == ("", "Perdí mi pasaporte.")


@pytest.mark.parametrize("text", ["?", "…", "♥", "x" * 5000, "</s> <s> >>en<<", "\ud800", "\0"])
def test_odd_text_does_no_harm(translator: CTranslate, text: str) -> None:
    (told,) = translator.translate([Translate(text, "en", "es")])
    assert len(told.text) < 5000
    assert translator.translate([Translate("I lost my passport.", "en", "es")])[0].text == "Perdí mi pasaporte."


def test_a_pair_that_it_does_not_know(translator: CTranslate) -> None:
    with pytest.raises(EngineError, match="en → fr"):
        translator.translate([Translate("I lost my passport.", "en", "fr")])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" one ", ["one"]),
        ("One. Two", ["One.", "Two"]),
        ("¿Uno? ¡Dos! Tres…", ["¿Uno?", "¡Dos!", "Tres…"]),
        ('He said "Go." Then he went.', ['He said "Go."', "Then he went."]),
        ("It costs 3.50 euros.", ["It costs 3.50 euros."]),
        ("Wait... what?", ["Wait...", "what?"]),
        ("一。二！三", ["一。", "二！", "三"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts
