"""Languages of a participant: heard, or the target of a pair; and no others."""

from __future__ import annotations

import pytest

from signaling.languages import Languages
from signaling.refusal import Code, Refusal

ENGLISH_EARS = Languages.of(["en"], ["en", "es", "fr"], [("en", "es"), ("es", "en")])
"""Only English is recognised here, and nothing is translated into French."""


@pytest.mark.parametrize("tag", ["en", "en-GB", "es", "es-MX", "ES"])
def test_who_is_heard_or_translated_for_is_let_in(tag: str) -> None:
    ENGLISH_EARS.require(tag)


@pytest.mark.parametrize("tag", ["tlh", "fr", "de", "", "e", "es_MX", "español"])
def test_all_others_are_refused_with_what_there_is(tag: str) -> None:
    with pytest.raises(Refusal) as refused:
        ENGLISH_EARS.require(tag)
    assert refused.value.code is Code.UNSUPPORTED_LANGUAGE
    assert refused.value.details == {"languages": ["en", "es"]}


def test_a_language_that_is_not_heard_is_listed_as_such() -> None:
    answer = ENGLISH_EARS.as_json()
    assert answer["languages"] == [
        {"tag": "en", "name": "English", "hear": True, "speak": True},
        {"tag": "es", "name": "Español", "hear": False, "speak": True},
        {"tag": "fr", "name": "Français", "hear": False, "speak": True},
    ]
    assert answer["pairs"] == [["en", "es"], ["es", "en"]]


def test_rough_pairs_are_listed_only_where_there_are_any() -> None:
    assert "gist" not in ENGLISH_EARS.as_json() and "pivoted" not in ENGLISH_EARS.as_json()
    rough = Languages.of(["en"], ["es"], [("en", "es"), ("es", "en")], [], [("es-ES", "en")])
    assert rough.as_json()["gist"] == [["es", "en"]]


def test_a_source_of_a_pair_alone_is_no_language_of_a_participant() -> None:
    """Their typed text could be translated, but nothing that is said to them."""
    deaf = Languages.of(["en"], ["en"], [("es", "en")])
    with pytest.raises(Refusal):
        deaf.require("es")
