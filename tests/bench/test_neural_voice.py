"""`bench.real_call --voice` counts words, and numbers by their value."""

from __future__ import annotations

import pytest

from bench.real_call.neural_voice import LEAST_UNDERSTOOD, line, target


@pytest.mark.parametrize(
    ("said", "heard", "words", "wrong"),
    [
        ("Room ninety five is free.", "Room 95 is free.", 5, 0),
        ("It costs 20 dollars.", "It costs twenty dollars.", 4, 0),
        ("It costs twenty dollars.", "It costs $20.", 4, 0),
        ("Room ninety five is free.", "Room 94 is free.", 5, 2),
        ("Room ninety five is free.", "Room is free.", 5, 2),
        ("At seven, and at eight.", "At 7 and at 7.", 5, 1),
        ("Please wait.", "Please wade.", 2, 1),
        ("See you at four twenty.", "See you at 420.", 5, 0),
        ("See you at four twenty.", "See you at 4:20.", 5, 0),
        ("See you at one fifteen.", "See you at 1.15.", 5, 0),
        ("It is five ten in the morning.", "It is 5'10 in the morning.", 7, 0),
        ("See you at four twenty.", "See you at 42.", 5, 2),
        ("See you at four twenty.", "See you at 4:25.", 5, 2),
        ("Room thirty five is free.", "Room 3.5 is free.", 5, 2),
        ("Please wait.", "Please wait 3.", 2, 1),
    ],
)
def test_words_that_were_understood(said: str, heard: str, words: int, wrong: int) -> None:
    found = line(said, heard)
    assert (found.words, found.wrong) == (words, wrong)


def test_the_verdict_goes_both_ways() -> None:
    good, bad = line("one two three four", "one two three four"), line("please wait", "police")
    assert target([good]).passed
    assert target([good, bad]).passed is False and LEAST_UNDERSTOOD == 0.95
    assert target([]).passed is None
