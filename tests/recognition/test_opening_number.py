"""A number at the beginning of a window, which passes heard and a later one leaves out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.recognition.stable_text import StableText
from pipeline.speech import Transcript


def after(passes: Sequence[str], language: str = "en", text: StableText | None = None) -> str:
    """Return what is said after passes over a window that grows."""
    text = text or StableText(language)
    for number, heard in enumerate(passes, 1):
        text.revise(Transcript(heard, language), 400 * number)
    return text.text


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        (("Two to kick.", "2 to kick off", "to kick all users."), "2 to kick all users."),
        (("Two to kick.", "2. To kick all", "To kick all users."), "2 To kick all users."),
        (("twenty five of them", "25 of them are", "of them are here."), "25 of them are here."),
        (("2 to kick off", "to kick all users."), "to kick all users."),  # one pass alone may guess
        (("2D", "2 to kick", "to kick all users."), "to kick all users."),
        (("Two to kick.", "2 to kick off", "to lock all users."), "to lock all users."),  # other words
        (("Two to kick.", "2 to kick off", "3 to kick all users."), "3 to kick all users."),  # another number
        (("Two to kick.", "2 to kick off", "to kick 2 users."), "to kick 2 users."),  # said once
        (("And to kick", "And to kick all", "to kick all users."), "to kick all users."),  # no number
        (("Two to kick.", "2 to kick off", ""), ""),
    ],
)
def test_a_number_that_two_passes_gave_is_said_once(passes: Sequence[str], expected: str) -> None:
    assert after(passes) == expected


def test_it_is_behind_the_final_words() -> None:
    text = StableText("en")
    text.revise(Transcript("Please press one.", "en"), 1000)
    text.finalize()
    assert after(("Two to kick.", "2 to kick off", "to kick all users."), text=text) == (
        "Please press one. 2 to kick all users."
    )


def test_a_number_that_ends_the_final_text_is_not_said_again() -> None:
    """A pass may count one final word too few, and begin with the last one again."""
    text = StableText("en")
    text.revise(Transcript("Please press two.", "en"), 1000)
    text.finalize()
    assert after(("Two to kick.", "2 to kick off", "to kick all users."), text=text) == (
        "Please press two. to kick all users."
    )


def test_it_is_forgotten_once_it_is_final() -> None:
    text = StableText("en")
    after(("Two to kick.", "2 to kick off"), text=text)
    text.finalize()
    assert after(("to kick all users.",), text=text) == "2 to kick off to kick all users."


def test_where_words_are_not_spaced_no_space_comes_behind_it() -> None:
    assert after(("2比如说我们", "2比如说我们在", "比如说我们在一起。"), "zh") == "2比如说我们在一起。"
