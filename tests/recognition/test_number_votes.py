"""Numbers on which passes disagree: the one that most of them heard is said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.recognition.stable_text import StableText
from pipeline.speech import Transcript, Word


def after(passes: Sequence[str], text: StableText | None = None, *, understood: bool = True) -> str:
    """Return what is said after passes over a window that grows; `understood`: the last one was."""
    text = text or StableText("en")
    for number, heard in enumerate(passes, 1):
        last = number == len(passes)
        text.revise(Transcript(heard, "en", understood=understood or not last), 400 * number)
    return text.text


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        (("Dial 8500 to", "Dial 8500 to enter", "Dial 85020 to enter it."), "Dial 8500 to enter it."),
        (("Dial 8500.", "Dial 8500 to", "Dial 8500 to enter", "Dial 85020 to it."), "Dial 8500 to it."),
        (("Dial eight thousand five hundred to", "Dial 8500 to", "Dial 85020 to it."), "Dial 8500 to it."),
        (("Dial 500 to", "Dial 500 to try", "Dial 502, to try it."), "Dial 500, to try it."),
        (("500 to", "500 to try", "502 to try it."), "500 to try it."),
        (("Dial 8500 to", "Dial 8500 to enter", "Dial 850-0 to enter it."), "Dial 8500 to enter it."),
        (("Dial 1234 to", "Dial 1234 to try", "Dial 1-2-34 to try it."), "Dial 1234 to try it."),
        # a number may swallow the word behind it
        (("Dial 8500 to", "Dial 8500 to enter", "Dial 8502 enter it."), "Dial 8500 to enter it."),
        (("Dial 500 to", "Dial 500 to try", "Dial 5002, try it."), "Dial 500 to, try it."),
        (("It is 8 or", "It is 8 or 9", "It is 80 or 9."), "It is 8 or 9."),
        # the last one, where no more passes are for another one
        (("Dial 8500 to", "Dial 85020 to enter it."), "Dial 85020 to enter it."),
        (("Dial 6 to", "Dial 6 to try", "Dial 60 to try", "Dial 60 to try it."), "Dial 60 to try it."),
        # a number at the edge of a window is a guess
        (("Dial 8.", "Dial 8.", "Dial 8500 to enter it."), "Dial 8500 to enter it."),
        (("Dial 8500 to", "Dial 8500 to", "Dial 85020"), "Dial 85020"),
        # passes may group digits otherwise
        (("Dial 1234 to", "Dial 1234 to try", "Dial 1 2 34 to try it."), "Dial 1 2 34 to try it."),
        (("It is 10:30 now", "It is 10:30 now", "It is 10 30 now."), "It is 10 30 now."),
        # another place
        (("Dial 5 or 6 now", "Dial 5 or 6 now", "Dial 6 now."), "Dial 6 now."),
        (("Dial 5 to it", "Dial 5 to it", "Dial for 7 days."), "Dial for 7 days."),
        (("Dial 5 to it", "Dial 5 to it", "Dial to it."), "Dial to it."),
    ],
)
def test_the_number_that_most_passes_heard_is_said(passes: Sequence[str], expected: str) -> None:
    assert after(passes) == expected


def test_a_pass_that_is_not_understood_has_no_vote() -> None:
    text = StableText("en")
    after(("Dial 5 to it", "Dial 5 to it"), text)
    after(("Dial 7 to it",), text, understood=False)
    assert after(("Dial 7 to it.",), text) == "Dial 5 to it."


def test_votes_are_for_words_that_are_not_final() -> None:
    text = StableText("en")
    after(("Press 5. Dial 8500 to", "Press 5. Dial 8500 to enter"), text)
    assert [one.text for one in text.finalize_clauses()] == ["Press 5."]
    assert after(("Press 5. Dial 85020 to enter it.",), text) == "Press 5. Dial 8500 to enter it."
    text.finalize()
    assert after(("Dial 85020 to enter it.",), text).endswith("Dial 8500 to enter it. Dial 85020 to enter it.")


def test_a_number_keeps_its_place_in_time() -> None:
    text = StableText("en")
    after(("Dial 8 thousand 5 hundred to", "Dial 8 thousand 5 hundred to"), text)
    words = ("Dial", 0, 300), (" 85020", 300, 900), (" to", 900, 1000), (" it.", 1000, 1200)
    heard = tuple(Word(word, start, end, 0.9) for word, start, end in words)
    text.revise(Transcript("Dial 85020 to it.", "en", words=heard), 1300)
    assert text.text == "Dial 8 thousand 5 hundred to it."
    assert {(one.start_ms, one.end_ms) for one in text.tail[1:-2]} == {(300, 900)}
    text.revise(Transcript("Dial 85020 to it.", "en", words=heard), 1600)
    assert text.text == "Dial 85020 to it.", "two against two: the later one"
