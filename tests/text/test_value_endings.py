"""Ends of texts: a value may go on, the beginning of one must, and any other word is an end as it was."""

from __future__ import annotations

import pytest

from pipeline.text.values import Ending, ending
from tests.kit.spoken_numbers import FORMS


@pytest.mark.parametrize(("language", "spoken"), [(one, said) for one, forms in FORMS.items() for said, _ in forms])
def test_each_spoken_form_and_its_digits_end_in_a_value(language: str, spoken: str) -> None:
    digits = dict(FORMS[language])[spoken]
    assert {ending(f"{text}.", language) for text in (spoken, digits)} <= {Ending.VALUE, Ending.MEASURE}


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "It is currently 15 minutes.", Ending.MEASURE),
        ("en", "Twenty five minutes.", Ending.MEASURE),
        ("en", "minus 5 degrees Celsius", Ending.MEASURE),
        ("en", "fifty percent", Ending.MEASURE),
        ("en", "sixty kilometers per hour", Ending.MEASURE),
        ("es", "quince minutos", Ending.MEASURE),
        ("en", "sixty kilometers", Ending.VALUE),  # per hour
        ("en", "twenty degrees", Ending.VALUE),
        ("en", "five dollars", Ending.VALUE),  # fifty
        ("en", "five dollars and fifty cents", Ending.MEASURE),
        ("en", "$5.50", Ending.VALUE),
        ("de", "vierzehn Uhr", Ending.VALUE),  # dreißig
        ("fr", "deux heures", Ending.VALUE),
        ("ru", "два часа", Ending.VALUE),
        ("es", "dos horas", Ending.VALUE),
        ("en", "3 p.m.", Ending.VALUE),
        ("en", "on May 3rd", Ending.VALUE),
        ("en", "dial 600", Ending.VALUE),
    ],
)
def test_a_unit_behind_a_number_tells_that_it_is_whole(language: str, text: str, found: Ending) -> None:
    assert ending(text, language) is found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Two hundred and."),
        ("en", "It is half past."),
        ("en", "Three point."),
        ("en", "It is a quarter to."),
        ("en", "Five dollars and"),
        ("en", "Two and a..."),
        ("en", "Sixty kilometers per."),
        ("en", "Twenty past."),
        ("es", "Son las dos menos."),
        ("es", "Noventa y."),
        ("es", "Cinco por."),
        ("es", "El primero de."),
        ("de", "Drei Komma."),
        ("de", "Es ist Viertel nach."),
        ("de", "Drei und."),
        ("fr", "Deux heures moins."),
        ("fr", "Trois virgule."),
        ("it", "Sono le due e."),
        ("pl", "Jest wpół do."),
        ("ru", "Два с."),
    ],
)
def test_the_beginning_of_a_value_is_known(language: str, text: str) -> None:
    assert ending(text, language) is Ending.BEGUN


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "That is the one."),
        ("en", "Oh!"),
        ("en", "Me first."),
        ("en", "Wait a second."),
        ("en", "The test was negative."),
        ("en", "More or less, in May."),
        ("en", "It costs a quarter."),
        ("en", "See you at noon."),
        ("en", "I will have 2 of them."),
        ("en", "And the other half."),
        ("es", "Más o menos."),
        ("es", "No tengo ninguno, dame uno."),
        ("de", "Hast du eine?"),
        ("fr", "Il est midi."),
        ("fr", "J'en veux un."),
        ("zh", "我们在一起。"),
        ("tr", "Yüzde."),
        ("sw", "Karibu sana."),
        ("en", "..."),
        ("en", ""),
    ],
)
def test_other_words_are_no_value(language: str, text: str) -> None:
    assert ending(text, language) is Ending.WORD


def test_a_small_word_behind_a_number_belongs_to_it_and_a_digit_is_a_number() -> None:
    assert ending("Five one.", "en") is ending("Twenty one.", "en") is ending("Press 1.", "en") is Ending.VALUE
