"""The words that were said just before what a pass hears."""

from __future__ import annotations

import pytest

from pipeline.recognition.continuation import WITHIN_MS
from pipeline.recognition.utterance import Utterance
from pipeline.recognition.words_before import LONGEST, Said, said, said_before, words_before


def utterance(start_ms: int = 5000, language: str = "en", text: str | None = None) -> Utterance:
    return Utterance("u-2", "ann", language, start_ms, 5.0, text, end_ms=start_ms + 400)


@pytest.mark.parametrize(
    ("earlier", "final", "language", "expected"),
    [
        ("", "", "en", ""),
        ("", "Press 1. Press 2.", "en", "Press 1. Press 2."),
        ("Good day.", "", "en", "Good day."),
        ("Good day.", " Press 1.", "en", "Good day. Press 1."),
        ("你好。", "請按一。", "zh", "你好。請按一。"),
    ],
)
def test_the_utterance_before_comes_first(earlier: str, final: str, language: str, expected: str) -> None:
    assert words_before(earlier, final, language) == expected


def test_no_more_than_the_end_is_given_from_a_word_on() -> None:
    long = " ".join(f"word{n}" for n in range(100))
    short = words_before("", long, "en")
    assert long.endswith(" " + short) and LONGEST - 10 < len(short) < LONGEST
    assert len(words_before("", "字" * 1000, "zh")) == LONGEST


def test_an_utterance_leaves_its_words_for_the_next_one() -> None:
    assert said(utterance(), "Hello.") == Said("Hello.", "en", 5400)
    assert said(utterance(), "") is None
    assert said(utterance(text="Hello."), "Hello.") is None, "typed"


@pytest.mark.parametrize(
    ("start_ms", "language", "expected"),
    [
        (5000, "en", "Hello."),
        (5000, "en-GB", "Hello."),
        (5400 + WITHIN_MS, "en", "Hello."),
        (5420 + WITHIN_MS, "en", ""),
        (5000, "es", ""),
    ],
)
def test_words_of_long_ago_or_of_another_language_are_not(start_ms: int, language: str, expected: str) -> None:
    assert said_before(utterance(start_ms, language), Said("Hello.", "en", 5400)) == expected
    assert said_before(utterance(start_ms, language), None) == ""
