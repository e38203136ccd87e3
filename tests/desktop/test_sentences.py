"""The last sentence of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.desktop.languages import blank, same
from clients.desktop.sentences import last_sentence


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("", ""),
        ("   ", ""),
        ("I have two bags", "I have two bags"),
        ("I have two bags. And a coat", "And a coat"),
        ("I have two bags. ", "I have two bags."),
        ("One. Two! Three? Four", "Four"),
        ('He said "no." Then he left.', "Then he left."),
        ("It costs 3.5 euros at example.org today", "It costs 3.5 euros at example.org today"),
        ("I know Mr. Smith", "I know Mr. Smith"),
        ("We met at J. Smith", "We met at J. Smith"),
        ("Really?! ...", "Really?! ..."),
        ("¿Dónde está? ¡Aquí!", "¡Aquí!"),
        ("我有两个包。还有一件外套", "还有一件外套"),
        ("我有两个包。", "我有两个包。"),
        ("मैं यहाँ हूँ। आप कहाँ हैं", "आप कहाँ हैं"),
        ("أين أنت؟ أنا هنا", "أنا هنا"),
    ],
)
def test_the_last_sentence(text: str, last: str) -> None:
    assert last_sentence(text) == last


@given(st.text())
def test_it_is_the_end_of_the_text(text: str) -> None:
    found = last_sentence(text)
    assert text.rstrip().endswith(found)
    assert any(character.isalnum() for character in found) == any(character.isalnum() for character in text)


def test_tags_are_one_language_by_their_primary_subtag() -> None:
    assert same("pt-BR", "PT") and not same("pt", "es")
    assert (blank("ja"), blank("zh-TW"), blank("en-GB")) == ("", "", " ")
