"""Open sentences: which of them a segment goes on, and what a translation that carries on is told."""

from __future__ import annotations

import pytest

from pipeline.delivery.open_sentences import OpenSentences
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Begun
from pipeline.text.segmenter import LONGEST


def utterance(name: str = "u-1", language: str = "en", *, typed: bool = False) -> Utterance:
    return Utterance(name, "ann", language, 1000, 5.0, "typed" if typed else None)


FIRST = utterance()


def after(said: str, translated: str, by: Utterance = FIRST) -> OpenSentences:
    sentences = OpenSentences()
    sentences.note(by, "es", said, translated, None)
    return sentences


@pytest.mark.parametrize(
    ("said", "translated", "begun"),
    [
        ("You may end the test", "Puede terminar la prueba", Begun("You may end the test", "Puede terminar la prueba")),
        ("Good morning,", "Buenos días,", Begun("Good morning,", "Buenos días,")),
        ("I would like to...", "Quisiera…", Begun("I would like to", "Quisiera")),
        ("You may end", "Puede terminar.", Begun("You may end", "Puede terminar")),
        ("You may end the test.", "Puede terminar la prueba.", None),
        ("Really?", "¿De verdad?", None),
        ("It takes 200 ms.", "Tarda 200 ms.", None),
        ("I spoke to Dr.", "Hablé con el Dr.", Begun("I spoke to Dr", "Hablé con el Dr")),
        ("...", "…", None),
        ("x" * (LONGEST + 1), "y", None),
    ],
)
def test_a_sentence_is_open_until_its_mark(said: str, translated: str, begun: Begun | None) -> None:
    found = after(said, translated).of(FIRST, None, "es")
    assert (found and found.begun) == begun


def test_pieces_add_up_until_the_sentence_ends() -> None:
    sentences = after("You may end", "Puede terminar")
    before = sentences.of(FIRST, None, "es")
    sentences.note(FIRST, "es", "the test", "la prueba", before)
    found = sentences.of(FIRST, None, "es")
    assert found is not None and found.begun == Begun("You may end the test", "Puede terminar la prueba")
    sentences.note(FIRST, "es", "by hanging up.", "colgando.", found)
    assert sentences.of(FIRST, None, "es") is None


def test_a_translation_that_began_anew_is_the_beginning_of_what_follows() -> None:
    sentences = after("You may end", "Puede terminar")
    sentences.note(FIRST, "es", "the test", "El test", None)
    found = sentences.of(FIRST, None, "es")
    assert found is not None and found.begun == Begun("the test", "El test")


@pytest.mark.parametrize(
    ("following", "continues", "goes_on"),
    [
        (FIRST, None, True),
        (utterance("u-2"), "u-1", True),
        (utterance("u-2"), None, False),
        (utterance("u-3"), "u-2", False),
        (utterance("u-2", "en-GB"), "u-1", True),
        (utterance("u-2", "fr"), "u-1", False),
    ],
)
def test_the_next_segment_goes_on_in_the_same_utterance_or_one_that_continues_it(
    following: Utterance, continues: str | None, goes_on: bool
) -> None:
    found = after("You may end the test", "Puede terminar la prueba").of(following, continues, "es")
    assert (found is not None) == goes_on
    assert found is None or found.utterance == "u-1"


def test_typed_text_leaves_nothing_open() -> None:
    typed = utterance(typed=True)
    assert after("You may end", "Puede terminar", typed).of(typed, None, "es") is None


def test_each_language_has_its_own_and_a_failure_closes_it() -> None:
    sentences = after("You may end", "Puede terminar")
    assert sentences.of(FIRST, None, "fr") is None
    sentences.close("es")
    sentences.close("es")
    assert sentences.of(FIRST, None, "es") is None


def test_a_client_that_names_many_languages_costs_little() -> None:
    sentences = OpenSentences()
    for number in range(100):
        sentences.note(FIRST, f"es-x-{number}", "You may end", "Puede terminar", None)
    assert sum(sentences.of(FIRST, None, f"es-x-{number}") is not None for number in range(100)) == 8
    assert sentences.of(FIRST, None, "es-x-99") is not None
