"""Text that a recogniser invents when nobody speaks, and real speech that looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.recognition.hallucination import invented, loops, too_fast, unlooped


@pytest.mark.parametrize(
    "text",
    [
        "no no no no no no no",
        "Thank you. Thank you. Thank you. Thank you.",
        "I'm sorry, I'm sorry, I'm sorry.",  # "I", "m", "sorry": three words, three times
        "so we go on and so we go on and so we go on and",
        "All right. Go and see go and see GO AND SEE it",
        "¡Gracias! gracias, gracias gracias gracias... gracias gracias",
        "И вот, и вот, и вот, и вот",
        "आप कैसे हैं आप कैसे हैं आप कैसे हैं",
        "ha " * 200,
    ],
)
def test_loops_of_a_decoder(text: str) -> None:
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes.",
        "No, no, no, no, no!",
        "Bye bye. Bye bye.",
        "Thank you very much. Thank you very much.",
        "Well, well, well, look who is here.",
        "One, two, three, four, five, six, seven, eight.",
        "I know that you know that I know that you know.",
        "Never again, I said, never again, and never again it was.",
    ],
)
def test_people_repeat_themselves(text: str) -> None:
    assert not loops(text)


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("For more information, visit www.ww.w.w.w.w.w.w.w.w.", "For more information, visit www.ww.w"),
        ("It's me. Thank you. Thank you. Thank you. Thank you.", "It's me. Thank you"),
        ("So we go on and so we go on and so we go on and", "So we go on and"),
        ("Go and see, go and see GO AND SEE it", "Go and see"),
        ("No, no, no, no, no!", "No, no, no, no, no!"),
        ("", ""),
    ],
)
def test_a_loop_is_cut_behind_its_first_round(text: str, once: str) -> None:
    assert unlooped(text) == once


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("before", [0, 1, 2, 3, 4])
def test_a_loop_is_found_wherever_it_begins(length: int, before: int) -> None:
    phrase = [f"w{n}" for n in range(length)]
    lead = [f"x{n}" for n in range(before)]
    assert loops(" ".join(lead + phrase * 7))
    assert not loops(" ".join(lead + phrase * 2))
    assert unlooped(" ".join(lead + phrase * 7)) == " ".join(lead + phrase)


@pytest.mark.parametrize(
    ("text", "language", "voiced_ms", "expected"),
    [
        ("Hello.", "en", 0, False),  # a few characters need hardly any voice: the VAD heard a part of it
        ("Yes, of course I will.", "en", 100, True),
        ("Yes, of course I will.", "en", 200, False),
        ("x" * 80, "en", 2000, False),
        ("x" * 80, "en", 1999, True),
        ("字" * 30, "zh", 1000, False),
        ("字" * 31, "zh", 1000, True),
        ("字" * 31, "ja-JP", 1000, True),
        ("  yes  " + " " * 90, "en", 0, False),
    ],
)
def test_more_than_a_mouth_can_say(text: str, language: str, voiced_ms: float, expected: bool) -> None:
    assert too_fast(text, language, voiced_ms) is expected
    assert invented(text, language, voiced_ms) is expected


def test_the_fastest_speakers_are_believed() -> None:
    """Auctioneers reach some 20 characters a second."""
    for seconds in range(1, 30):
        assert not too_fast("x" * (20 * seconds), "en", seconds * 1000)


def test_a_loop_is_invented_however_long_there_was_voice() -> None:
    assert invented("Thank you. " * 8, "en", 60_000)


@given(st.text(max_size=200), st.sampled_from(["en", "zh", "ar", ""]), st.floats(0, 30_000))
def test_any_text_has_an_answer(text: str, language: str, voiced_ms: float) -> None:
    assert invented(text, language, voiced_ms) in (True, False)
    assert invented(text, language, voiced_ms) or not invented(text, language, voiced_ms + 10_000)
