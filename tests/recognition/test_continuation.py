"""Utterances that go on the sentence of the one before them, and those that begin one."""

from __future__ import annotations

import pytest

from pipeline.recognition.continuation import WITHIN_MS, LeftOpen, continued, left_open
from pipeline.recognition.utterance import Utterance

OPEN = LeftOpen("u-1", "en", 4000)


def utterance(start_ms: int = 5000, language: str = "en", text: str | None = None) -> Utterance:
    return Utterance("u-2", "ann", language, start_ms, 5.0, text, end_ms=start_ms)


@pytest.mark.parametrize(
    ("text", "marks", "is_open"),
    [
        ("You may end the test", True, True),
        ("You may end the test, and", True, True),
        ("I would like to...", True, True),
        ("One. You may end", True, True),
        ("I spoke to Dr.", True, True),
        ("You may end the test.", True, False),
        ("It takes 200 ms.", True, False),
        ("He is my prof.", True, False),
        ("You may end the test", False, False),
        ("", True, False),
    ],
)
def test_an_utterance_without_a_mark_is_left_open_by_a_recogniser_that_writes_marks(
    text: str, marks: bool, is_open: bool
) -> None:
    assert (left_open(utterance(), text, marks=marks) is not None) == is_open


def test_typed_text_is_whole() -> None:
    assert left_open(utterance(text="Hello"), "Hello", marks=True) is None
    assert continued(utterance(text="Hello"), OPEN) is None


@pytest.mark.parametrize(
    ("later", "before", "goes_on"),
    [
        (utterance(), OPEN, True),
        (utterance(4000 + WITHIN_MS), OPEN, True),
        (utterance(4020 + WITHIN_MS), OPEN, False),
        (utterance(language="en-GB"), OPEN, True),
        (utterance(language="es"), OPEN, False),
        (utterance(), None, False),
    ],
)
def test_what_follows_soon_in_the_same_language_goes_on(
    later: Utterance, before: LeftOpen | None, goes_on: bool
) -> None:
    assert continued(later, before) == ("u-1" if goes_on else None)
